import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer, request as ask } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a web service may do in place of answering. */
export type Mood =
  /** It answers. */
  | 'good'
  /** Nothing listens. */
  | 'refuses'
  /** It takes the question and says nothing. */
  | 'hangs'
  /** A page of HTML, with status 200. */
  | 'garbage'
  /** An error in JSON, with status 503. */
  | 'error'
  /** JSON of the right form with nothing in it. */
  | 'empty'
  /** An answer that does not end. */
  | 'endless'

/** Stands in front of a web service and does to its clients what such services do on bad days. */
export interface UnreliableFront {
  readonly url: string
  readonly mood: Mood
  setMood(mood: Mood): Promise<void>
  /** Questions so far, whatever became of them; where it refuses, none arrive. */
  readonly asked: number
  /** Where the service itself is. */
  leadTo(url: string): void
  close(): Promise<void>
}

const MEBIBYTE = Buffer.alloc(1024 * 1024, 0x20)

export async function openUnreliableFront(): Promise<UnreliableFront> {
  let mood: Mood = 'good'
  let behind = ''
  let asked = 0
  const handle = (incoming: IncomingMessage, response: ServerResponse): void => {
    asked += 1
    answer(mood, behind, incoming, response)
  }
  let server = await listen(handle, 0)
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    get mood() {
      return mood
    },
    get asked() {
      return asked
    },
    leadTo: (url) => void (behind = url),
    async setMood(next) {
      if (next === 'refuses') await stop(server)
      else if (mood === 'refuses') server = await listen(handle, port)
      mood = next
    },
    close: () => stop(server),
  }
}

async function listen(
  handle: (incoming: IncomingMessage, response: ServerResponse) => void,
  port: number,
): Promise<Server> {
  const server = createServer(handle)
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return server
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}

function answer(
  mood: Mood,
  behind: string,
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  const json = { 'content-type': 'application/json' }
  response.on('error', () => {})
  switch (mood) {
    case 'good':
      pass(behind, incoming, response)
      return
    case 'hangs':
    case 'refuses':
      return
    case 'garbage':
      response.end('<html><h1>Down for maintenance</h1></html>')
      return
    case 'error':
      response.writeHead(503, json).end('{"keys":[],"error":"unavailable"}')
      return
    case 'empty':
      response.writeHead(200, json).end('{"keys":[]}')
      return
    case 'endless':
      response.writeHead(200, json)
      pour(response)
      return
  }
}

function pour(response: ServerResponse): void {
  while (!response.destroyed && response.write(MEBIBYTE));
  if (!response.destroyed) response.once('drain', () => pour(response))
}

function pass(behind: string, incoming: IncomingMessage, response: ServerResponse): void {
  const { method, headers, url = '/' } = incoming
  const onward = ask(`${behind}${url}`, { method, headers, agent: false }, (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.headers)
    reply.pipe(response)
  })
  onward.on('error', () => response.destroy())
  incoming.pipe(onward)
}
