import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { FrameReader, OPCODE } from '../../src/http/websocket.ts'
import type { Shell } from './shell.ts'

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io']
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const STDIN = 0
const STDOUT = 1
const ERROR = 3
const CLOSE = 255

/** Serves `exec` over a WebSocket: a command with its input, or a terminal that takes lines. */
export function serveTerminal(
  request: IncomingMessage,
  socket: Duplex,
  url: URL,
  shell: Shell,
): void {
  const offered = (request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((one) => one.trim())
  const protocol = PROTOCOLS.find((one) => offered.includes(one))
  const key = request.headers['sec-websocket-key'] ?? ''
  if (protocol === undefined) {
    socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n')
    return
  }
  const accept = createHash('sha1')
    .update(key + GUID)
    .digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: ${protocol}\r\n\r\n`,
  )
  const words = url.searchParams.getAll('command')
  const isTerminal = url.searchParams.get('tty') === 'true'
  const hasInput = url.searchParams.get('stdin') === 'true'
  const say = (channel: number, data: Buffer | string) => socket.write(frame(channel, data))
  let input = Buffer.alloc(0)

  function over(code: number): void {
    const failed = {
      metadata: {},
      status: 'Failure',
      message: `command terminated with exit code ${code}`,
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
    }
    say(ERROR, JSON.stringify(code === 0 ? { metadata: {}, status: 'Success' } : failed))
    socket.end(closing(1000))
  }

  function runWhole(): void {
    const { output, code } = shell.run(words, input)
    if (output.length > 0) say(STDOUT, output)
    over(code)
  }

  /** Echoes what is typed and runs whole lines, until `exit`. */
  function type(data: Buffer): void {
    say(STDOUT, data)
    input = Buffer.concat([input, data])
    const end = input.indexOf('\r')
    if (end < 0) return
    const line = input.subarray(0, end).toString('utf8').trim()
    input = input.subarray(end + 1)
    const { output, code } = shell.run(line.split(' '), Buffer.alloc(0))
    say(STDOUT, Buffer.concat([Buffer.from('\r\n'), output, Buffer.from('$ ')]))
    if (line.startsWith('exit')) over(code)
  }

  const reader = new FrameReader({ masked: true, violation: (what) => new Error(what) as never })
  socket.on('data', (chunk: Buffer) => {
    reader.push(chunk, ({ opcode, payload }) => {
      if (opcode === OPCODE.close) socket.end(closing(1000))
      if (opcode !== OPCODE.binary || payload.length === 0) return
      if (payload[0] === STDIN && isTerminal) type(payload.subarray(1))
      else if (payload[0] === STDIN) input = Buffer.concat([input, payload.subarray(1)])
      else if (payload[0] === CLOSE && payload[1] === STDIN) runWhole()
    })
  })
  socket.on('error', () => socket.destroy())
  if (isTerminal) say(STDOUT, '$ ')
  else if (!hasInput) runWhole()
}

function frame(channel: number, data: Buffer | string): Buffer {
  return framed(OPCODE.binary, Buffer.concat([Buffer.from([channel]), Buffer.from(data)]))
}

function closing(code: number): Buffer {
  const body = Buffer.alloc(2)
  body.writeUInt16BE(code)
  return framed(OPCODE.close, body)
}

function framed(opcode: number, payload: Buffer): Buffer {
  const head =
    payload.length < 126
      ? Buffer.from([0x80 | opcode, payload.length])
      : Buffer.from([0x80 | opcode, 126, payload.length >> 8, payload.length & 0xff])
  return Buffer.concat([head, payload])
}
