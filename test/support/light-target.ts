import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import {
  authenticationOk,
  backendKeyData,
  commandComplete,
  parameterStatus,
  readyForQuery,
} from '../../src/protocol/postgres/messages/message.ts'
import { int16, int32, message } from '../../src/protocol/postgres/messages/writer.ts'

/**
 * Speaks as much of PostgreSQL as sessions need that ask `SELECT <number> AS n`, so that a thousand
 * of them cost a small machine no thousand server processes. `SELECT 0 AS n` is answered without end.
 */
export interface LightTarget {
  readonly port: number
  readonly connections: number
  /** Every statement that arrived. */
  readonly seen: readonly string[]
  /** Bytes of endless answers that were taken off its hands. */
  readonly flooded: number
  /** The type of a message that it cannot answer. */
  readonly unexpected: string | undefined
  close(): Promise<void>
}

const GREETING = Buffer.concat([
  authenticationOk(),
  parameterStatus('server_version', '17.0'),
  parameterStatus('server_encoding', 'UTF8'),
  parameterStatus('client_encoding', 'UTF8'),
  parameterStatus('standard_conforming_strings', 'on'),
  parameterStatus('search_path', 'public'),
  backendKeyData(1, 1),
  readyForQuery('I'),
])
const DESCRIPTION = message(
  0x54,
  int16(1),
  Buffer.from('n\0'),
  int32(0),
  int16(0),
  int32(23),
  int16(4),
  int32(-1),
  int16(0),
)
const DONE = Buffer.concat([commandComplete('SELECT 1'), readyForQuery('I')])
const FLOOD = Buffer.concat(Array.from({ length: 4_096 }, () => row('1')))
/** What every statement needs of the catalog: a search path, and no operators or casts of users. */
const FACTS = JSON.stringify({
  database: 'sales',
  schemas: ['public'],
  operators: null,
  casts: null,
  hiddenCode: false,
})
const FACTS_ROW = message(
  0x44,
  int16(3),
  int32(1),
  Buffer.from('f'),
  int32(-1),
  int32(FACTS.length),
  Buffer.from(FACTS),
)
/** The gateway's look-up, message by message: Parse, Bind, Execute, Close, Sync. */
const CATALOG_ANSWERS: ReadonlyMap<number, Buffer> = new Map([
  [0x50, message(0x31)],
  [0x42, message(0x32)],
  [0x45, Buffer.concat([FACTS_ROW, commandComplete('SELECT 1')])],
  [0x43, message(0x33)],
  [0x53, readyForQuery('I')],
])
const QUERY = 0x51
const TERMINATE = 0x58

export async function openLightTarget(): Promise<LightTarget> {
  const sockets = new Set<Socket>()
  const seen: string[] = []
  let flooded = 0
  let unexpected: string | undefined
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    let unread: Buffer = Buffer.alloc(0)
    let greeted = false
    socket.on('data', (chunk: Buffer) => {
      unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk])
      for (;;) {
        const head = greeted ? 1 : 0
        if (unread.length < head + 4) return
        const end = head + unread.readInt32BE(head)
        if (unread.length < end) return
        const packet = unread.subarray(0, end)
        unread = unread.subarray(end)
        if (greeted) hear(socket, packet)
        else socket.write(GREETING)
        greeted = true
      }
    })
  })

  function hear(socket: Socket, packet: Buffer): void {
    if (packet[0] === TERMINATE) {
      socket.end()
      return
    }
    const answer = CATALOG_ANSWERS.get(packet[0]!)
    if (answer !== undefined) {
      socket.write(answer)
      return
    }
    if (packet[0] !== QUERY) {
      unexpected ??= String.fromCharCode(packet[0]!)
      socket.destroy()
      return
    }
    const text = packet.toString('utf8', 5, packet.length - 1)
    seen.push(text)
    const [, value = '?'] = /^SELECT (\d+) AS n$/.exec(text) ?? []
    if (value !== '0') {
      socket.write(Buffer.concat([DESCRIPTION, row(value), DONE]))
      return
    }
    socket.write(DESCRIPTION)
    flood(socket)
  }

  function flood(socket: Socket): void {
    if (socket.destroyed) return
    flooded += FLOOD.length
    const open = socket.write(FLOOD)
    if (open) setImmediate(() => flood(socket))
    else socket.once('drain', () => flood(socket))
  }

  await once(server.listen(0, '127.0.0.1', 2048), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return sockets.size
    },
    seen,
    get flooded() {
      return flooded
    },
    get unexpected() {
      return unexpected
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function row(value: string): Buffer {
  return message(0x44, int16(1), int32(value.length), Buffer.from(value))
}
