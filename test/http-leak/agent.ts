import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2'
import { connect } from 'node:http2'
import { Agent, request } from 'node:https'
import type { Socket } from 'node:net'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** All that an agent was told. */
export interface Heard {
  /** 0: it was cut off before it had a head. */
  readonly status: number
  /** As the client library read them, with interim ones and trailers. */
  readonly fields: string
  readonly body: Buffer
  /** Every byte that came, as Latin-1, where the protocol shows them. */
  readonly bytes: string
  readonly cut: boolean
}

export type Speaker = (asked: Asked) => Promise<Heard>

/** An answer that does not come is none: nothing here waits for anybody. */
const PATIENCE_MS = 5_000

interface Place {
  readonly port: number
  readonly ca: string
}

/** A client that keeps its HTTP/1.1 connection as long as it can. */
export function createHttp1({ port, ca }: Place): { ask: Speaker; close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const listened = new WeakSet<Socket>()
  let bytes = ''
  const listen = (socket: Socket): void => {
    if (listened.has(socket)) return
    listened.add(socket)
    socket.on('data', (chunk: Buffer) => (bytes += chunk.toString('latin1')))
  }
  const ask: Speaker = ({ method, path, headers, body }) =>
    new Promise((resolve) => {
      bytes = ''
      const sent = request({ host: '127.0.0.1', port, ca, agent, method, path, headers })
      let status = 0
      let fields = ''
      const slices: Buffer[] = []
      const done = (cut: boolean) =>
        resolve({ status, fields, body: Buffer.concat(slices), bytes, cut })
      sent.setTimeout(PATIENCE_MS, () => sent.destroy())
      sent.on('socket', listen)
      sent.on('error', () => done(true))
      sent.on('response', (answer) => {
        status = answer.statusCode ?? 0
        fields = answer.rawHeaders.join('\n')
        answer.on('data', (slice: Buffer) => slices.push(slice))
        answer.on('error', () => {})
        answer.on('close', () => {
          fields += answer.rawTrailers.join('\n')
          done(!answer.complete)
        })
      })
      sent.end(body)
    })
  return { ask, close: () => agent.destroy() }
}

/** A client with one HTTP/2 connection. */
export function createHttp2({ port, ca }: Place): { ask: Speaker; close(): void } {
  let session: ClientHttp2Session | undefined
  const open = (): ClientHttp2Session => {
    if (session !== undefined && !session.closed && !session.destroyed) return session
    session = connect(`https://127.0.0.1:${port}`, { ca })
    session.on('error', () => {})
    return session
  }
  const ask: Speaker = ({ method, path, headers, body }) =>
    new Promise((resolve) => {
      const stream = open().request({ ':method': method, ':path': path, ...headers })
      let status = 0
      let fields = ''
      const slices: Buffer[] = []
      const note = (more: IncomingHttpHeaders) => (fields += `${JSON.stringify(more)}\n`)
      stream.setTimeout(PATIENCE_MS, () => stream.close())
      stream.on('headers', note)
      stream.on('trailers', note)
      stream.on('response', (head) => {
        status = head[':status'] ?? 0
        note(head)
      })
      stream.on('data', (slice: Buffer) => slices.push(slice))
      stream.on('error', () => {})
      stream.on('close', () => {
        const whole = Buffer.concat(slices)
        const cut = stream.rstCode !== 0 || status === 0
        resolve({ status, fields, body: whole, bytes: '', cut })
      })
      stream.end(body)
    })
  return { ask, close: () => session?.destroy() }
}
