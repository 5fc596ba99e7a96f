import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { Agent, request } from 'node:https'
import { text } from 'node:stream/consumers'
import type { ApiServer } from './server.ts'

/** Requests straight to an API server, with their lines exactly as they are given. */
export interface Caller {
  /** The status of the answer; what streams is cut off once it has begun. */
  call(call: Call): Promise<number>
  /** A JSON document, as the administrator; undefined where the answer is another than 200. */
  read(path: string): Promise<unknown>
  close(): void
}

export interface Call {
  readonly method: string
  readonly target: string
  readonly auditId: string
  readonly token: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: Buffer
}

const CONNECTIONS_MAX = 8

export function createCaller({ port, caFile, adminToken }: ApiServer): Caller {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: CONNECTIONS_MAX,
    ca: readFileSync(caFile),
  })

  async function ask(method: string, path: string, headers: OutgoingHttpHeaders, body?: Buffer) {
    const asking = request({ agent, host: '127.0.0.1', port, method, path, headers })
    asking.end(body)
    const [answer] = (await once(asking, 'response')) as [IncomingMessage]
    return answer
  }

  return {
    async call({ method, target, auditId, token, headers = {}, body }) {
      const all = { 'audit-id': auditId, authorization: `Bearer ${token}`, ...headers }
      const answer = await ask(method, target, all, body)
      const { statusCode = 0 } = answer
      if (statusCode < 300) answer.destroy()
      else answer.resume()
      return statusCode
    },
    async read(path) {
      const answer = await ask('GET', path, { authorization: `Bearer ${adminToken}` })
      const document = await text(answer)
      return answer.statusCode === 200 ? (JSON.parse(document) as unknown) : undefined
    },
    close: () => agent.destroy(),
  }
}
