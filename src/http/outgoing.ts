import type { Forward, OutgoingHead } from './api.ts'
import type { HeaderList, RequestHead } from './head.ts'

/** Bodies without which a server may answer 411: their absence is said. */
const BODY_METHODS: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

export type OutgoingLength = number | 'chunked' | 'none'

/** A request as it goes to the target, but for what the target's authority adds. */
export function outgoingHead(
  head: RequestHead,
  forward: Forward,
  length: OutgoingLength,
  facts: { readonly host: string; readonly masked: boolean },
): OutgoingHead {
  const set = new Map<string, (readonly [string, string])[]>()
  for (const field of forward.set ?? []) set.set(field[0], [...(set.get(field[0]) ?? []), field])
  // A mask reads the answer, so it must not come compressed.
  if (facts.masked && !set.has('accept-encoding')) set.set('accept-encoding', [IDENTITY])
  // Without extensions every frame is what it seems to be.
  const drop = new Set([...(forward.drop ?? []), 'sec-websocket-extensions'])
  const headers = head.headers.filter(([name]) => !set.has(name) && !drop.has(name))
  for (const fields of set.values()) headers.push(...fields)
  if (length === 'chunked') headers.push(['transfer-encoding', 'chunked'])
  else if (length !== 'none') headers.push(['content-length', String(length)])
  else if (BODY_METHODS.has(head.method)) headers.push(['content-length', '0'])
  if (head.upgrade !== undefined) headers.push(['connection', 'Upgrade'], ['upgrade', head.upgrade])
  const target = forward.target ?? originForm(head)
  return { method: head.method, host: facts.host, target, headers }
}

const IDENTITY = ['accept-encoding', 'identity'] as const

function originForm({ path, query }: RequestHead): string {
  return query === '' ? path : `${path}?${query}`
}

/** What stands in a target or a header must not end it; an API's own edits are checked like a client's. */
const TARGET = /^\/[!-"$-[\]-~]*$/
// oxlint-disable-next-line no-control-regex -- what must not be there
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** The bytes of a head, as Latin-1 text. Throws a plain error for what would break out of its line. */
export function headText({ method, target, host, headers }: OutgoingHead): string {
  if (!TARGET.test(target)) throw new Error('a target that is none')
  let text = `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\n`
  for (const [name, value] of headers) {
    if (!NAME.test(name) || !VALUE.test(value)) throw new Error(`a header that is none: ${name}`)
    text += `${name}: ${value}\r\n`
  }
  return `${text}\r\n`
}

/** The authority's headers take the place of all of the same name. */
export function withAuthority(head: OutgoingHead, authority: HeaderList): OutgoingHead {
  const names = new Set(authority.map(([name]) => name))
  const headers = head.headers.filter(([name]) => !names.has(name))
  return { ...head, headers: [...headers, ...authority] }
}
