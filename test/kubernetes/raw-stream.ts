import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { connect } from 'node:tls'
import { until } from '../support/until.ts'

/** Where the streams of a cluster are to be had, and as whom. */
export interface Reach {
  readonly port: number
  /** PEM. */
  readonly ca: string
  /** Of the path, behind a gateway. */
  readonly prefix: string
  readonly token: string
}

/** A WebSocket of which every frame is written by hand. */
export interface RawStream {
  say(...frames: readonly Buffer[]): void
  /** What came on all channels, in words. */
  heard(): string
  /** Of the frame by which the other side closed it. */
  closing(): string
  /** Waits until it is closed, or this was heard. */
  until(pattern: RegExp): Promise<void>
  close(): void
}

const CLOSE = 8

/** Throws where the stream is refused. */
export async function openRawStream(
  { port, ca, prefix, token }: Reach,
  path: string,
  protocol: string,
): Promise<RawStream> {
  const socket = connect({ port, host: '127.0.0.1', ca, servername: 'localhost' })
  let [bytes, heard, closing, isOver]: [Buffer, string, string, boolean] = [
    Buffer.alloc(0),
    '',
    '',
    false,
  ]
  socket.on('error', () => {})
  socket.once('close', () => (isOver = true))
  await once(socket, 'secureConnect')
  const head = [
    `GET ${prefix}${path} HTTP/1.1`,
    `host: localhost:${port}`,
    `authorization: Bearer ${token}`,
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    `sec-websocket-protocol: ${protocol}`,
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  let isOpen = false
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    if (!isOpen) {
      const end = bytes.indexOf('\r\n\r\n')
      if (end < 0) return
      isOpen = bytes.subarray(0, 12).toString('latin1') === 'HTTP/1.1 101'
      if (!isOpen) return
      bytes = bytes.subarray(end + 4)
    }
    read()
  })

  function read(): void {
    for (;;) {
      const short = (bytes[1] ?? 0) & 0x7f
      const start = short === 126 ? 4 : 2
      if (bytes.length < start) return
      const length = short === 126 ? bytes.readUInt16BE(2) : short
      if (bytes.length < start + length) return
      const payload = bytes.subarray(start, start + length)
      if ((bytes[0]! & 0x0f) === CLOSE) closing += payload.subarray(2).toString('utf8')
      else if ((bytes[0]! & 0x0f) < CLOSE) heard += payload.subarray(1).toString('latin1')
      bytes = bytes.subarray(start + length)
    }
  }

  await until('the stream is open', () => isOpen || isOver || bytes.includes('\r\n\r\n'))
  if (!isOpen) throw new Error(`refused: ${bytes.toString('latin1')}`)
  return {
    say(...frames) {
      for (const frame of frames) socket.write(frame)
    },
    heard: () => heard,
    closing: () => closing,
    until: async (pattern) =>
      void (await until(
        `heard ${pattern.source}`,
        () => isOver || closing !== '' || pattern.test(heard),
      )),
    close: () => void socket.destroy(),
  }
}

/** A short frame of a client; `first` is its first byte: whether it is the last one, and its kind. */
export function frame(first: number, payload: string | Buffer): Buffer {
  const mask = Buffer.from([1, 2, 3, 4])
  const bytes = Buffer.from(payload as string, 'latin1')
  const masked = bytes.map((byte, at) => byte ^ mask[at & 3]!)
  return Buffer.concat([Buffer.from([first, 0x80 | bytes.length]), mask, masked])
}

/** One request with a body, and its answer. */
export async function askRaw(
  { port, ca, prefix, token }: Reach,
  line: string,
  type: string,
  body: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const [method = '', path = ''] = line.split(' ')
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === '' ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
  }
  const at = { host: '127.0.0.1', port, ca, servername: 'localhost', agent: false }
  const asking = request({ ...at, method, path: prefix + path, headers })
  asking.end(body)
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  return { status: answer.statusCode ?? 0, text: await text(answer) }
}
