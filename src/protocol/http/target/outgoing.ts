import type { Forward, OutgoingHead } from '../api.ts'
import type { Header, HeaderList, RequestHead } from '../head.ts'

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
  const { set = [], drop = [] } = forward
  // A mask reads the answer, so it must not come compressed.
  const isPlain = facts.masked && !names(set, 'accept-encoding')
  const headers = head.headers.filter(
    ([name]) =>
      !names(set, name) &&
      !drop.includes(name) &&
      !(isPlain && name === 'accept-encoding') &&
      // Without extensions every frame is what it seems to be.
      name !== 'sec-websocket-extensions',
  )
  headers.push(...set)
  if (isPlain) headers.push(['accept-encoding', 'identity'])
  if (length === 'chunked') headers.push(['transfer-encoding', 'chunked'])
  else if (length !== 'none') headers.push(['content-length', String(length)])
  else if (BODY_METHODS.has(head.method)) headers.push(['content-length', '0'])
  if (head.upgrade !== undefined) headers.push(['connection', 'Upgrade'], ['upgrade', head.upgrade])
  const target = forward.target ?? originForm(head)
  return { method: head.method, host: facts.host, target, headers }
}

function names(headers: HeaderList, name: string): boolean {
  for (const [one] of headers) if (one === name) return true
  return false
}

function originForm({ path, query }: RequestHead): string {
  return query === '' ? path : `${path}?${query}`
}

/** What stands in a target or a header must not end it; an API's own edits are checked like a client's. */
const TARGET = /^\/[!-"$-[\]-~]*$/
// oxlint-disable-next-line no-control-regex -- what must not be there
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * The bytes of a head, as Latin-1 text. The authority's headers take the place of all of the same
 * name. Throws a plain error for what would break out of its line.
 */
export function headText(
  { method, target, host, headers }: OutgoingHead,
  authority: HeaderList,
): string {
  if (!TARGET.test(target)) throw new Error('a target that is none')
  let text = `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\n`
  for (const header of headers) if (!names(authority, header[0])) text += lineOf(header)
  for (const header of authority) text += lineOf(header)
  return `${text}\r\n`
}

function lineOf([name, value]: Header): string {
  if (!NAME.test(name) || !VALUE.test(value)) throw new Error(`a header that is none: ${name}`)
  return `${name}: ${value}\r\n`
}
