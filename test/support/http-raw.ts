import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { connect } from 'node:tls'

/** A client that says exactly the bytes it is told to say, and hears bytes. */
export interface RawHttp {
  readonly socket: TLSSocket
  say(bytes: string | Buffer): void
  /** What was heard so far, as Latin-1. */
  readonly heard: string
  readonly closed: boolean
  /** Waits until what was heard has this. */
  until(pattern: RegExp | string): Promise<string>
  untilClosed(): Promise<string>
  destroy(): void
}

const PATIENCE_MS = 10_000

export async function openRawHttp(at: {
  readonly port: number
  readonly ca: string
  readonly alpn?: readonly string[]
}): Promise<RawHttp> {
  const socket = connect({
    port: at.port,
    host: '127.0.0.1',
    ca: at.ca,
    servername: 'localhost',
    ALPNProtocols: [...(at.alpn ?? ['http/1.1'])],
  })
  let heard = ''
  let closed = false
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1')
  })
  socket.on('close', () => {
    closed = true
  })
  await once(socket, 'secureConnect')
  const wait = async (what: string, look: () => boolean): Promise<string> => {
    const until_ms = performance.now() + PATIENCE_MS
    while (!look()) {
      if (performance.now() > until_ms) throw new Error(`never ${what}; heard: ${heard}`)
      await delay(2)
    }
    return heard
  }
  return {
    socket,
    say: (bytes) => void socket.write(bytes),
    get heard() {
      return heard
    },
    get closed() {
      return closed
    },
    until: (pattern) =>
      wait(`heard ${String(pattern)}`, () => {
        const found = typeof pattern === 'string' ? heard.includes(pattern) : pattern.test(heard)
        if (!found && closed) throw new Error(`closed before ${String(pattern)}; heard: ${heard}`)
        return found
      }),
    untilClosed: () => wait('closed', () => closed),
    destroy: () => void socket.destroy(),
  }
}

/** A request of agent `etl`. */
export function request(line: string, ...headers: readonly string[]): string {
  return [
    `${line} HTTP/1.1`,
    'host: res.localhost',
    'authorization: Bearer etl',
    ...headers,
    '',
    '',
  ].join('\r\n')
}
