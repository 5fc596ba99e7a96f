import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { attach } from './attached.ts'
import { isRecord } from './objects.ts'
import { PORTS } from './ports.ts'
import type { Container, Running, Terminal } from './shell.ts'
import { runCommand } from './shell.ts'
import { acceptSocket } from './websocket.ts'

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const
/** Only in this one a client closes channels. */
const CLOSING = 'v5.channel.k8s.io'
const TERMINALS = [CLOSING, 'v4.channel.k8s.io']

/** The first protocol that the client offers and the emulator speaks. */
export function chosenProtocol(request: IncomingMessage, subresource: string): string | undefined {
  const offered = (request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((one) => one.trim())
  const spoken = subresource === 'portforward' ? [PORTS] : TERMINALS
  return spoken.find((one) => offered.includes(one))
}

/** `exec` and `attach`: channels of a command, or of what runs already. */
export function openTerminal(
  request: IncomingMessage,
  socket: Duplex,
  ahead: Buffer,
  subprotocol: string,
  container: Container,
  subresource: string,
): void {
  const query = new URL(request.url ?? '/', 'https://emulator').searchParams
  const command = query.getAll('command')
  const isTerminal = query.get('tty') === 'true'
  acceptSocket(request, socket, ahead, { subprotocol, reads: 'frames' }, (websocket) => {
    const send = (channel: number, data: Buffer | string) =>
      websocket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(data)]))
    const terminal: Terminal = {
      out: (bytes) => send(CHANNEL.stdout, typeof bytes === 'string' ? Buffer.from(bytes) : bytes),
      error: (text) => send(CHANNEL.stderr, text),
      exit(code) {
        send(CHANNEL.error, JSON.stringify(statusOfExit(code)))
        websocket.close()
      },
    }
    const running =
      subresource === 'attach'
        ? attach(terminal)
        : runCommand(container, command, isTerminal, terminal)
    const resize = sizesOf(running)
    /** A close names one channel; what names none ends the connection. */
    function closeChannel(data: Buffer): void {
      if (data.length !== 1 || data[0]! > CHANNEL.resize) websocket.close()
      else if (data[0] === CHANNEL.stdin) running.end()
    }
    return {
      message(payload) {
        const [channel] = payload
        const data = payload.subarray(1)
        if (channel === CHANNEL.stdin) running.input(data)
        else if (channel === CHANNEL.resize) resize(data)
        else if (channel === CHANNEL.close && subprotocol === CLOSING) closeChannel(data)
      },
      closed() {},
    }
  })
}

/** Sizes come one behind the other, wherever a message ends. */
function sizesOf(running: Running): (data: Buffer) => void {
  let text = ''
  return (data) => {
    text += data.toString('utf8')
    for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}')) {
      const size: unknown = JSON.parse(text.slice(0, end + 1))
      text = text.slice(end + 1)
      if (isRecord(size)) running.resize(Number(size['Width']), Number(size['Height']))
    }
  }
}

function statusOfExit(code: number): object {
  if (code === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: ${code}`,
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}
