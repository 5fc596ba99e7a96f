import { readArm } from '../../../src/protocol/azure/arm/request.ts'
import { createLinkStore } from '../../../src/protocol/azure/shared/links.ts'
import type { RequestHead } from '../../../src/protocol/http/head.ts'

export const KEYS = { hashKey: new Uint8Array(32) }

export interface Attack {
  /** `METHOD /path?query`. */
  readonly line: string
  readonly headers?: readonly (readonly [string, string])[]
  /** An object is sent as JSON, a text as it is. */
  readonly body?: unknown
}

/** A head as the proxy core makes it of a request line. */
export function attack({ line, headers = [], body }: Attack): RequestHead {
  const [method = '', target = ''] = line.split(' ')
  const [path = '', query = ''] = target.split('?')
  const bytes = bytesOf(body)
  const type = [['content-type', 'application/json']] as const
  const hasType = headers.some(([name]) => name === 'content-type')
  return {
    method,
    path,
    segments: path.slice(1).split('/').map(decodeURIComponent),
    query,
    parameters: [...new URLSearchParams(query)],
    headers: [...(bytes === undefined || hasType ? [] : type), ...headers],
    authority: 'gw.example',
    prefix: '/arm',
    bodyLength: bytes?.length ?? 0,
  }
}

export function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined
  if (Buffer.isBuffer(body)) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

/** `action object` of each access; `refused CODE message` where it is. */
export function read(line: string, body?: unknown): readonly string[] {
  const asker = { agent: 'a', sessionId: 's' }
  const reading = readArm(attack({ line, body }), bytesOf(body), asker, {
    links: createLinkStore(),
    keys: KEYS,
  })
  if (reading.type === 'refused')
    return [`refused ${reading.denial.code} ${reading.denial.message}`]
  if (reading.type !== 'request') return [reading.type]
  const { accesses } = reading.request.operation
  return accesses.map(
    ({ action, object }) =>
      `${action} ${object.join('/').replace(/^subscriptions\/[0-9a-f-]{36}/, 'S')}`,
  )
}
