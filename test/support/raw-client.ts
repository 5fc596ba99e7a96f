import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { connect as connectTls } from 'node:tls'
import { message } from '../../src/protocol/postgres/messages/writer.ts'
import type { Bench } from '../world/postgres.ts'

/** A message from the gateway: its type letter, and its body as Latin-1 text. */
export interface Heard {
  readonly type: string
  readonly body: string
}

/** A client that says exactly the bytes it is told to say. */
export interface RawClient {
  readonly socket: TLSSocket
  /** What TLS runs on. */
  readonly wire: Socket
  /** From BackendKeyData. */
  readonly key: { readonly pid: number; readonly secret: number }
  say(...messages: readonly Buffer[]): void
  /** Everything up to the `count`th ReadyForQuery from now on, or the end of the connection. */
  hear(count?: number): Promise<Heard[]>
  /** Everything up to the first message of one of these types. */
  hearUntil(...types: readonly string[]): Promise<Heard[]>
  /** Resolves when the gateway has closed. */
  closed(): Promise<Heard[]>
  destroy(): void
}

const PATIENCE_MS = 10_000
const HEADER_BYTES = 5

export async function openRawClient(
  bench: Bench,
  agent?: string,
  database = bench.server.database,
): Promise<RawClient> {
  const plain = connect(bench.gateway.postgresPort, '127.0.0.1')
  await orClosed(plain, 'connect')
  plain.write(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]))
  await orClosed(plain, 'data')
  const socket = connectTls({
    socket: plain,
    ca: readFileSync(bench.gateway.authorityFile!, 'utf8'),
    servername: 'localhost',
  })
  await orClosed(socket, 'secureConnect')
  socket.on('error', () => {})
  const settings = Buffer.from(`user\0raw\0database\0${database}\0\0`)
  const head = Buffer.alloc(8)
  head.writeInt32BE(8 + settings.length)
  head.writeInt32BE(0x0003_0000, 4)
  const ears = listen(socket)
  socket.write(Buffer.concat([head, settings]))
  await ears.until(({ type }) => type === 'R')
  socket.write(message(0x70, await bench.token(agent)))
  const welcome = await ears.until(({ type }) => type === 'Z' || type === 'E')
  const refused = welcome.find(({ type }) => type === 'E')
  if (refused !== undefined) throw new Error(`not let in: ${refused.body.replaceAll('\0', ' ')}`)
  const keyBody = Buffer.from(welcome.find(({ type }) => type === 'K')?.body ?? '', 'latin1')
  return {
    socket,
    wire: plain,
    key: { pid: keyBody.readInt32BE(0), secret: keyBody.readInt32BE(4) },
    say: (...messages) => void socket.write(Buffer.concat(messages)),
    hear(count = 1) {
      let left = count
      return ears.until(({ type }) => type === 'Z' && --left === 0)
    },
    hearUntil: (...types) => ears.until((one) => types.includes(one.type)),
    closed: () => ears.until(() => false),
    destroy: () => socket.destroy(),
  }
}

/** A gateway that is killed only closes, and `once` alone would wait for ever. */
async function orClosed(socket: Socket, event: string): Promise<void> {
  const closed = new AbortController()
  const abort = () => closed.abort()
  socket.once('close', abort)
  await once(socket, event, { signal: closed.signal })
  socket.off('close', abort)
}

function listen(socket: Socket) {
  let chunks: Buffer[] = []
  let bytes = 0
  /** Bytes that the message at the head needs before it is whole. */
  let needed = HEADER_BYTES
  let ended = false
  const heard: Heard[] = []
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes < needed) return
    const all = Buffer.concat(chunks)
    let at = 0
    for (;;) {
      needed = all.length - at < HEADER_BYTES ? HEADER_BYTES : 1 + all.readInt32BE(at + 1)
      if (all.length - at < needed) break
      const type = String.fromCharCode(all[at]!)
      heard.push({ type, body: all.toString('latin1', at + HEADER_BYTES, at + needed) })
      at += needed
    }
    chunks = [all.subarray(at)]
    bytes = all.length - at
  })
  socket.on('close', () => {
    ended = true
  })
  return {
    /** Takes what was heard up to the first message that `last` chooses. */
    async until(last: (one: Heard) => boolean): Promise<Heard[]> {
      const taken: Heard[] = []
      const until_ms = performance.now() + PATIENCE_MS
      for (;;) {
        for (let one = heard.shift(); one !== undefined; one = heard.shift()) {
          taken.push(one)
          if (last(one)) return taken
        }
        if (ended) return taken
        if (performance.now() > until_ms) throw new Error(`heard only ${shown(taken)}`)
        await delay(2)
      }
    },
  }
}

/** The types of what was heard, for assertions: `TDDCZ`. */
export function shown(heard: readonly Heard[]): string {
  return heard
    .filter(({ type }) => type !== 'N' && type !== 'S')
    .map(({ type }) => type)
    .join('')
}

/** A CancelRequest on a connection of its own, in plain text as every client sends it. */
export async function sendCancel(
  bench: Bench,
  { pid, secret }: { readonly pid: number; readonly secret: number },
): Promise<void> {
  const socket = connect(bench.gateway.postgresPort, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  const packet = Buffer.alloc(16)
  packet.writeInt32BE(16)
  packet.writeInt32BE(80_877_102, 4)
  packet.writeInt32BE(pid, 8)
  packet.writeInt32BE(secret, 12)
  socket.end(packet)
  await once(socket, 'close')
}
