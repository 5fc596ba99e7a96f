import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Peer } from './peer.ts'

/** A client that reads nothing but what it must, so that it costs little beside what is measured. */
export interface RawClient {
  readonly socket: Socket
  /** Runs one statement and throws its rows away. */
  query(sql: string, seen?: (chunk: Buffer) => void): Promise<Answer>
  close(): void
}

export interface Answer {
  readonly bytes: number
  readonly rows: number
}

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
const READY = Buffer.from([0x5a, 0, 0, 0, 5])
const READY_BYTES = 6
const CLEARTEXT_PASSWORD = 3
/** CommandComplete and ReadyForQuery fit into it. */
const TAIL_BYTES = 64

/** `turn` chooses the agent that signs in. */
export async function openRaw(peer: Peer, turn = 0): Promise<RawClient> {
  const plain = connect({ port: peer.port, host: '127.0.0.1', noDelay: true })
  await once(plain, 'connect')
  const socket = peer.caFile === undefined ? plain : await startTls(plain, peer.caFile)
  socket.write(startup(peer))
  const { tokens = [''] } = peer
  await signIn(socket, tokens[turn % tokens.length]!)
  return {
    socket,
    query: (sql, seen) => query(socket, sql, seen),
    close: () => socket.destroy(),
  }
}

async function startTls(plain: Socket, caFile: string): Promise<Socket> {
  plain.write(SSL_REQUEST)
  const [answer] = (await once(plain, 'data')) as [Buffer]
  if (answer.toString('latin1') !== 'S') throw new Error('no TLS there')
  const socket = connectTls({ socket: plain, host: '127.0.0.1', ca: authority(caFile) })
  await once(socket, 'secureConnect')
  return socket
}

function authority(caFile: string): string {
  return readFileSync(caFile, 'utf8')
}

function startup({ user, database }: Peer): Buffer {
  const body = Buffer.from(`user\0${user}\0database\0${database}\0\0`)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(body.length + 8)
  head.writeUInt32BE(196_608, 4)
  return Buffer.concat([head, body])
}

function message(type: string, text: string): Buffer {
  const body = Buffer.from(`${text}\0`)
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** Resolves at ReadyForQuery. */
function signIn(socket: Socket, password: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let pending = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk])
      while (pending.length >= 5 && pending.length >= pending.readUInt32BE(1) + 1) {
        const type = String.fromCharCode(pending[0]!)
        const body = pending.subarray(5, pending.readUInt32BE(1) + 1)
        pending = pending.subarray(body.length + 5)
        if (type === 'R' && body.readUInt32BE(0) === CLEARTEXT_PASSWORD) {
          socket.write(message('p', password))
        } else if (type === 'E') {
          over(() => reject(new Error(body.toString('latin1'))))
        } else if (type === 'Z') {
          over(resolve)
        }
      }
    }
    const onClose = () => over(() => reject(new Error('closed while signing in')))
    const over = (then: () => void) => {
      socket.off('data', onData).off('close', onClose)
      then()
    }
    socket.on('data', onData).on('close', onClose)
    socket.on('error', () => {})
  })
}

function query(
  socket: Socket,
  sql: string,
  seen: ((chunk: Buffer) => void) | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let bytes = 0
    let tail: Buffer = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      seen?.(chunk)
      bytes += chunk.length
      tail =
        chunk.length >= TAIL_BYTES
          ? Buffer.from(chunk.subarray(-TAIL_BYTES))
          : Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES)
      if (!READY.equals(tail.subarray(-READY_BYTES, -1))) return
      socket.off('data', onData).off('close', onClose)
      const rows = /SELECT (\d+)\0/.exec(tail.toString('latin1'))
      if (rows === null) reject(new Error(`the statement failed: ${tail.toString('latin1')}`))
      else resolve({ bytes, rows: Number(rows[1]) })
    }
    const onClose = () => reject(new Error('closed in the middle of an answer'))
    socket.on('data', onData).once('close', onClose)
    socket.resume()
    socket.write(message('Q', sql))
  })
}
