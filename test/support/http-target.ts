import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** A request as the target read it, by a parser that is not the gateway's. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  body: Buffer
  bodyBytes: number
  trailers: NodeJS.Dict<string>
  /** Which connection it came on, from 0. */
  readonly connection: number
}

/** An HTTP/1.1 server with TLS that answers by path; see `answer` for its knobs. */
export interface HttpTarget {
  readonly port: number
  readonly seen: SeenRequest[]
  readonly connections: number
  /** Connections that are open now. */
  readonly open: number
  /** Cuts every connection, as a restart would. */
  cut(): void
  close(): Promise<void>
}

export async function startHttpTarget(tls: {
  readonly certificate: string
  readonly key: string
}): Promise<HttpTarget> {
  const seen: SeenRequest[] = []
  const sockets = new Map<Socket, number>()
  let connections = 0
  const server = createServer({ cert: tls.certificate, key: tls.key, keepAliveTimeout: 60_000 })
  server.on('secureConnection', (socket: Socket) => {
    sockets.set(socket, connections++)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })
  const note = (request: IncomingMessage): SeenRequest => {
    const raw = request.rawHeaders
    const one: SeenRequest = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: raw.flatMap((name, index) =>
        index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1]!] as const] : [],
      ),
      body: Buffer.alloc(0),
      bodyBytes: 0,
      trailers: {},
      connection: sockets.get(request.socket) ?? -1,
    }
    seen.push(one)
    return one
  }
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void answer(request, response, note(request))
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    note(request)
    upgrade(request, socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    get connections() {
      return connections
    },
    get open() {
      return sockets.size
    },
    cut() {
      for (const socket of sockets.keys()) socket.destroy()
    },
    async close() {
      server.close()
      for (const socket of sockets.keys()) socket.destroy()
      await once(server, 'close')
    },
  }
}

const KEPT_BYTES_MAX = 65_536

async function readBody(request: IncomingMessage, seen: SeenRequest): Promise<string> {
  const hash = createHash('sha256')
  const kept: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk)
    seen.bodyBytes += chunk.length
    if (seen.bodyBytes <= KEPT_BYTES_MAX) kept.push(chunk)
  }
  seen.body = Buffer.concat(kept)
  seen.trailers = request.trailers
  return hash.digest('hex')
}

/** The last segment of the path says what to do, the query how much of it. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  seen: SeenRequest,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://target')
  const what = url.pathname.split('/').at(-1) ?? ''
  const count = Number(url.searchParams.get('n') ?? 0)
  try {
    switch (what) {
      case 'early':
        response.writeHead(413, { 'content-length': 0 }).end()
        return
      case 'answers-early':
        response.writeHead(200)
        response.write('begun')
        await readBody(request, seen)
        response.end('ended')
        return
      case 'never':
        return
      case 'raw':
        request.socket.write(Buffer.from(url.searchParams.get('bytes') ?? '', 'base64'))
        if (url.searchParams.has('end')) request.socket.end()
        return
    }
    const sha256 = await readBody(request, seen)
    switch (what) {
      case 'bytes':
        response.writeHead(200, { 'content-length': count })
        await writeMany(response, count)
        response.end()
        return
      case 'chunked':
        response.writeHead(200)
        await writeMany(response, count)
        response.end()
        return
      case 'trailers':
        response.writeHead(200, { trailer: 'x-sum' })
        response.write('body')
        response.addTrailers({ 'x-sum': '4' })
        response.end()
        return
      case 'close':
        response.shouldKeepAlive = false
        response.useChunkedEncodingByDefault = false
        response.writeHead(200, { connection: 'close' })
        response.end('until the end')
        return
      case 'drip':
        drip(response)
        return
      case 'status':
        response.writeHead(count, { 'set-cookie': 'a=b', 'x-kept': 'yes', 'alt-svc': 'h3=":1"' })
        response.end()
        return
      case 'gzip':
        response.writeHead(200, { 'content-encoding': 'gzip' }).end('zipped')
        return
      default:
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ method: request.method, url: request.url, sha256 }))
    }
  } catch {
    response.destroy()
  }
}

const PIECE = Buffer.alloc(65_536, 'x')

async function writeMany(response: ServerResponse, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= PIECE.length) {
    const piece = left >= PIECE.length ? PIECE : PIECE.subarray(0, left)
    if (!response.write(piece)) await roomIn(response)
    if (response.destroyed) return
  }
}

function roomIn(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })
}

const DRIP_EVERY_MS = 20

function drip(response: ServerResponse): void {
  response.writeHead(200)
  response.write('.')
  const timer = setInterval(() => response.write('.'), DRIP_EVERY_MS)
  response.on('close', () => clearInterval(timer))
}

/** Changes to WebSocket and says every byte back, as it came. */
function upgrade(request: IncomingMessage, socket: Duplex): void {
  const key = request.headers['sec-websocket-key'] ?? ''
  const accept = createHash('sha1')
    .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  const url = new URL(request.url ?? '/', 'http://target')
  const wrong = url.searchParams.has('wrong')
  const hello = Buffer.from(url.searchParams.get('say') ?? '', 'base64')
  const head = Buffer.from(
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n' +
      `sec-websocket-accept: ${wrong ? 'no' : accept}\r\n` +
      `sec-websocket-protocol: ${request.headers['sec-websocket-protocol'] ?? 'none'}\r\n\r\n`,
  )
  // In one piece: what comes with the head belongs to the tunnel already.
  socket.write(Buffer.concat([head, hello]))
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    const frames = Buffer.from(chunk)
    if (url.searchParams.has('echo')) socket.write(unmasked(frames))
  })
}

/** One short client frame, as a server would send it. */
function unmasked(frame: Buffer): Buffer {
  const length = frame[1]! & 0x7f
  const key = frame.subarray(2, 6)
  const payload = Buffer.from(frame.subarray(6, 6 + length).map((byte, at) => byte ^ key[at % 4]!))
  return Buffer.concat([Buffer.from([frame[0]!, length]), payload])
}
