import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer as createPlainServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

const BODY_BYTES_MAX = 65_536

export interface Request {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly text: string
  /** The body as a form; empty where it is none. */
  readonly form: URLSearchParams
}

export interface Reply {
  readonly status: number
  /** An object is sent as JSON, a text as HTML. */
  readonly body: object | string
  readonly headers?: Readonly<Record<string, string>>
}

export interface TlsFiles {
  readonly key: string | Buffer
  readonly cert: string | Buffer
}

export type Handler = (request: Request) => Promise<Reply> | Reply

export interface Listening {
  readonly url: string
  close(): Promise<void>
}

export async function listen(
  handler: Handler,
  options: { readonly tls?: TlsFiles; readonly port: number },
): Promise<Listening> {
  const listener: RequestListener = (incoming, response) => {
    void answer(handler, incoming, response)
  }
  const server: Server =
    options.tls === undefined
      ? createPlainServer(listener)
      : createTlsServer({ key: options.tls.key, cert: options.tls.cert }, listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  handler: Handler,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const reply = await replyTo(handler, incoming)
  const html = typeof reply.body === 'string'
  response.writeHead(reply.status, {
    'content-type': html ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...reply.headers,
  })
  response.end(html ? reply.body : JSON.stringify(reply.body))
}

async function replyTo(handler: Handler, incoming: IncomingMessage): Promise<Reply> {
  try {
    const url = new URL(incoming.url ?? '/', 'http://emulator')
    const text = await readBody(incoming)
    const isForm = incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
    return await handler({
      method: incoming.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      text,
      form: new URLSearchParams(isForm === true ? text : ''),
    })
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unknown error'
    return { status: 500, body: { error: 'server_error', error_description: message } }
  }
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  let text = ''
  incoming.setEncoding('utf8')
  for await (const chunk of incoming as AsyncIterable<string>) {
    text += chunk
    if (text.length > BODY_BYTES_MAX) throw new Error('the body is too large')
  }
  return text
}
