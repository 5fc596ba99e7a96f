import { createHmac } from 'node:crypto'

/** What of a request the signature covers; names in lower case. */
export interface SignedHead {
  readonly method: string
  /** Path and query as they go on the wire. */
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
}

export interface SharedKeyAccount {
  readonly name: string
  /** Base64, as Azure shows it. */
  readonly key: string
}

/** Headers of the string to sign, in its order, for blobs and queues. */
const LINES: readonly string[] = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-md5',
  'content-type',
  'date',
  'if-modified-since',
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'range',
]

/**
 * `Authorization` of a request to the blob or queue service, by "Authorize with Shared Key" of the
 * Azure Storage REST reference, for versions since 2015-02-21. The head must have `x-ms-date`.
 */
export function blobAuthorization(head: SignedHead, account: SharedKeyAccount): string {
  const values = new Map(head.headers)
  const lines = LINES.map((name) => {
    if (name === 'date') return values.has('x-ms-date') ? '' : (values.get(name) ?? '')
    const value = values.get(name) ?? ''
    return name === 'content-length' && value === '0' ? '' : value
  })
  const { path, query } = split(head.target)
  const text = [
    head.method,
    ...lines,
    ...canonicalHeaders(head.headers),
    [`/${account.name}${path}`, ...canonicalQuery(query)].join('\n'),
  ].join('\n')
  return authorization('SharedKey', text, account)
}

/** The same for the table service, which signs less: no other headers, and of the query only `comp`. */
export function tableAuthorization(head: SignedHead, account: SharedKeyAccount): string {
  const values = new Map(head.headers)
  const { path, query } = split(head.target)
  const comp = new URLSearchParams(query).get('comp')
  const text = [
    head.method,
    values.get('content-md5') ?? '',
    values.get('content-type') ?? '',
    values.get('x-ms-date') ?? values.get('date') ?? '',
    `/${account.name}${path}${comp === null ? '' : `?comp=${comp}`}`,
  ].join('\n')
  return authorization('SharedKey', text, account)
}

function authorization(scheme: string, text: string, { name, key }: SharedKeyAccount): string {
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(text, 'utf8')
  return `${scheme} ${name}:${signature.digest('base64')}`
}

function split(target: string): { path: string; query: string } {
  const at = target.indexOf('?')
  return at < 0
    ? { path: target, query: '' }
    : { path: target.slice(0, at), query: target.slice(at + 1) }
}

/** `x-ms-` headers by name, white space folded. */
function canonicalHeaders(headers: SignedHead['headers']): string[] {
  return headers
    .filter(([name]) => name.startsWith('x-ms-'))
    .map(([name, value]) => `${name}:${value.replaceAll(/\s+/g, ' ').trim()}`)
    .sort(byName)
}

/** Parameters by name, decoded; several of one name are one line. */
function canonicalQuery(query: string): string[] {
  const values = new Map<string, string[]>()
  for (const pair of query === '' ? [] : query.split('&')) {
    const at = pair.indexOf('=')
    const name = decodeURIComponent(at < 0 ? pair : pair.slice(0, at)).toLowerCase()
    const list = values.get(name) ?? []
    list.push(decodeURIComponent(at < 0 ? '' : pair.slice(at + 1)))
    values.set(name, list)
  }
  return [...values].map(([name, list]) => `${name}:${list.sort().join(',')}`).sort(byName)
}

function byName(a: string, b: string): number {
  const [nameA, nameB] = [a.slice(0, a.indexOf(':')), b.slice(0, b.indexOf(':'))]
  if (nameA === nameB) return 0
  return nameA < nameB ? -1 : 1
}
