import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { connect as connectTls } from 'node:tls'

/** Somebody at one of the gateway's doors. */
export interface Peer {
  readonly socket: Socket
  /** In writes of so many bytes, each a TLS record of its own; without `size` in one. */
  say(bytes: Buffer | string, size?: number): Promise<void>
  /** What was heard so far, of its last few thousand bytes. */
  readonly heard: string
  readonly closed: boolean
}

const HEARD_CHARS = 4096

export async function openTls(port: number, ca: string, alpn: string): Promise<Peer> {
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    ca,
    servername: 'localhost',
    ALPNProtocols: [alpn],
  })
  await once(socket, 'secureConnect')
  return peerOn(socket)
}

export async function openPlain(port: number): Promise<Peer> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return peerOn(socket)
}

/** After SSLRequest. */
export async function openPostgres(port: number, ca: string): Promise<Peer> {
  const plain = connect(port, '127.0.0.1')
  await once(plain, 'connect')
  plain.write(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]))
  await once(plain, 'data')
  const socket: TLSSocket = connectTls({ socket: plain, ca, servername: 'localhost' })
  await once(socket, 'secureConnect')
  return peerOn(socket)
}

export function peerOn(socket: Socket): Peer {
  let heard = ''
  let closed = false
  socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.on('close', () => (closed = true))
  socket.on('data', (chunk: Buffer) => {
    heard = (heard + chunk.toString('latin1')).slice(-HEARD_CHARS)
  })
  const write = (bytes: Buffer): Promise<void> =>
    new Promise((resolve) => {
      if (closed) resolve()
      else socket.write(bytes, () => resolve())
    })
  return {
    socket,
    async say(said, size) {
      const bytes = typeof said === 'string' ? Buffer.from(said, 'latin1') : said
      const step = size ?? Math.max(1, bytes.length)
      for (let at = 0; at < bytes.length && !socket.destroyed; at += step) {
        await write(bytes.subarray(at, at + step))
      }
    },
    get heard() {
      return heard
    },
    get closed() {
      return closed
    },
  }
}

/** RFC 9113 section 4.1. */
export function h2Frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

export const H2 = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  windowUpdate: 8,
  continuation: 9,
} as const

export const H2_PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  h2Frame(H2.settings, 0, 0, Buffer.alloc(0)),
])

/** A header block of literals that nobody indexes (RFC 7541 section 6.2.2). */
export function h2Block(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([name, value]) => [Buffer.from([0]), h2Text(name), h2Text(value)]),
  )
}

function h2Text(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes])
  const head = [127]
  let rest = bytes.length - 127
  for (; rest >= 128; rest >>>= 7) head.push((rest & 127) | 128)
  return Buffer.concat([Buffer.from([...head, rest]), bytes])
}

/** A short WebSocket frame of a client. */
export function wsFrame(first: number, payload: Buffer): Buffer {
  const length =
    payload.length < 126
      ? [0x80 | payload.length]
      : payload.length < 65_536
        ? [0x80 | 126, payload.length >> 8, payload.length & 255]
        : [0x80 | 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((by) => (payload.length >> by) & 255)]
  return Buffer.concat([Buffer.from([first, ...length, 0, 0, 0, 0]), payload])
}
