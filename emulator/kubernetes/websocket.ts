import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** One end of a WebSocket, as much of RFC 6455 as clients of the API use. */
export interface Socketed {
  send(payload: Buffer): void
  close(): void
}

export interface SocketEvents {
  message(payload: Buffer): void
  closed(): void
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const CONTINUATION = 0
const BINARY = 2
const CLOSE = 8
const PING = 9
const PONG = 10

/**
 * What one message is. A kubelet (golang.org/x/net/websocket) takes every frame for one, whatever its
 * kind and whether it is the last of its message; the API server's tunnel for ports
 * (gorilla/websocket) puts fragments together, and closes at what is no frame of a client's.
 */
export type Reads = 'frames' | 'messages'

/** Answers the handshake with a subprotocol, and reads messages from then on. */
export function acceptSocket(
  { headers }: IncomingMessage,
  socket: Duplex,
  ahead: Buffer,
  { subprotocol, reads }: { readonly subprotocol: string; readonly reads: Reads },
  open: (socketed: Socketed) => SocketEvents,
): void {
  const key = headers['sec-websocket-key'] ?? ''
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64')
  socket.write(
    [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${accept}`,
      `Sec-WebSocket-Protocol: ${subprotocol}`,
      '\r\n',
    ].join('\r\n'),
  )
  const events = open({
    send: (payload) => void socket.write(frameOf(BINARY, payload)),
    close: () => void socket.end(frameOf(CLOSE, Buffer.from([0x03, 0xe8]))),
  })
  const joined = createMessages((payload) => events.message(payload))
  const read = createFrames(({ first, isMasked, payload }) => {
    const opcode = first & 0x0f
    if (!isMasked) socket.end(frameOf(CLOSE, Buffer.from([0x03, 0xea])))
    else if (opcode === CLOSE) socket.end(frameOf(CLOSE, payload))
    else if (opcode === PING) socket.write(frameOf(PONG, payload))
    else if (opcode === PONG) return
    else if (reads === 'frames') events.message(payload)
    else if (!joined(first, payload)) socket.end(frameOf(CLOSE, Buffer.from([0x03, 0xea])))
  })
  socket.on('data', read)
  socket.on('error', () => socket.destroy())
  socket.once('close', () => events.closed())
  if (ahead.length > 0) read(ahead)
}

function frameOf(opcode: number, payload: Buffer): Buffer {
  const { length } = payload
  const header =
    length < 126
      ? Buffer.from([0x80 | opcode, length])
      : Buffer.from([0x80 | opcode, 127, 0, 0, 0, 0, 0, 0, 0, 0])
  if (length >= 126 && length <= 0xffff) {
    return Buffer.concat([Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff]), payload])
  }
  if (length > 0xffff) header.writeUInt32BE(length, 6)
  return Buffer.concat([header, payload])
}

interface Frame {
  /** Its first byte: whether it is the last of its message, reserved bits, its kind. */
  readonly first: number
  readonly isMasked: boolean
  readonly payload: Buffer
}

function createFrames(take: (frame: Frame) => void): (chunk: Buffer) => void {
  let bytes = Buffer.alloc(0)
  return (chunk) => {
    bytes = Buffer.concat([bytes, chunk])
    for (;;) {
      if (bytes.length < 2) return
      const isMasked = (bytes[1]! & 0x80) !== 0
      const short = bytes[1]! & 0x7f
      const extended = short === 126 ? 2 : short === 127 ? 8 : 0
      const start = 2 + extended + (isMasked ? 4 : 0)
      if (bytes.length < start) return
      const length =
        extended === 0 ? short : extended === 2 ? bytes.readUInt16BE(2) : bytes.readUInt32BE(6)
      if (bytes.length < start + length) return
      const mask = bytes.subarray(start - 4, start)
      const payload = Buffer.from(bytes.subarray(start, start + length))
      if (isMasked) for (let at = 0; at < length; at++) payload[at]! ^= mask[at & 3]!
      const first = bytes[0]!
      bytes = bytes.subarray(start + length)
      take({ first, isMasked, payload })
    }
  }
}

/** Puts fragments of binary messages together; whether a frame could be one is what it returns. */
function createMessages(take: (payload: Buffer) => void) {
  let parts: Buffer[] | undefined
  return (first: number, payload: Buffer): boolean => {
    const opcode = first & 0x0f
    const isNext = opcode === CONTINUATION && parts !== undefined
    const isFirst = opcode === BINARY && parts === undefined
    if ((first & 0x70) !== 0 || (!isNext && !isFirst)) return false
    parts = [...(parts ?? []), payload]
    if ((first & 0x80) === 0) return true
    take(Buffer.concat(parts))
    parts = undefined
    return true
  }
}
