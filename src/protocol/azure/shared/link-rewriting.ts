/** The target and the gateway as each side writes them in URLs. */
export interface Places {
  /** `https://management.azure.com`, without a port where it is the scheme's own. */
  readonly target: string
  /** `https://gateway.example:8444`: as the client asked for it. */
  readonly client: string
  /** Where the resource hangs: `` or `/name`. */
  readonly prefix: string
}

export type Rewritten =
  /** No link, or one that nobody is led away by. */
  | { readonly type: 'keep' }
  /** A link to the target: what to write instead, and where it leads there. */
  | { readonly type: 'replace'; readonly url: string; readonly target: string }
  /** It leads elsewhere, and clients would follow it with their token. */
  | { readonly type: 'foreign' }

const KEEP: Rewritten = { type: 'keep' }
const FOREIGN: Rewritten = { type: 'foreign' }
const ABSOLUTE = /^([a-z][a-z0-9+.-]*):\/\/([^/?#\\]*)(.*)$/is

/**
 * What becomes of a text in an answer. `followed`: it stands where clients take it for a link and go
 * there by themselves; then whatever is not surely a link to the target is foreign.
 */
export function rewriteLink(text: string, places: Places, followed: boolean): Rewritten {
  const match = ABSOLUTE.exec(text)
  if (match === null) return followed ? relative(text, places) : KEEP
  const [, scheme = '', authority = '', rest = ''] = match
  if (!isTarget(scheme, authority, places.target)) return followed ? FOREIGN : KEEP
  const target = rest.startsWith('/') ? rest : `/${rest}`
  // `https://management.azure.com/` alone is the name of an audience, and no link.
  if (!followed && target === '/') return KEEP
  if (!isPlain(target)) return followed ? FOREIGN : KEEP
  return { type: 'replace', url: `${places.client}${places.prefix}${target}`, target }
}

function relative(text: string, places: Places): Rewritten {
  if (text === '') return KEEP
  if (!text.startsWith('/') || !isPlain(text)) return FOREIGN
  return { type: 'replace', url: `${places.client}${places.prefix}${text}`, target: text }
}

/** `//host` and `/\host` are links to a host; spaces and controls are cut out by some readers. */
function isPlain(target: string): boolean {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return !/^\/[/\\]/.test(target) && !/[\u0000-\u0020\u007f\\]/.test(target)
}

function isTarget(scheme: string, authority: string, target: string): boolean {
  const asked = `${scheme}://${authority}`.toLowerCase().replace(/^(https:\/\/[^:]+):443$/, '$1')
  return asked === target.toLowerCase()
}

/** Fields of answers that clients follow by themselves; small letters. */
const FOLLOWED: ReadonlySet<string> = new Set([
  'nextlink',
  '@odata.nextlink',
  '@odata.deltalink',
  'odata.nextlink',
  '@nextlink',
  'nextpagelink',
  'nextpage',
  'next',
  'nexturl',
  'azureasyncoperation',
  'azure-asyncoperation',
  'operation-location',
  'operationlocation',
  'location-url',
  'statusurl',
  'statusqueryuri',
  'pollingurl',
  'resourcelocation',
  'continuationuri',
  'continuationurl',
])

export function isFollowedField(name: string): boolean {
  return FOLLOWED.has(name.toLowerCase())
}

/** Where the APIs tell of the next page: at the top of an answer. */
const PAGES: ReadonlySet<string> = new Set([
  'nextlink',
  '@odata.nextlink',
  '@odata.deltalink',
  'odata.nextlink',
])

export function isPageField(name: string): boolean {
  return PAGES.has(name.toLowerCase())
}

/**
 * Where they tell how an operation goes that began, or goes on. All other headers are none's own word:
 * some repeat what the client sent, and what an agent can have said is no link that it was given.
 */
const OPERATION_HEADERS: ReadonlySet<string> = new Set([
  'location',
  'azure-asyncoperation',
  'operation-location',
])

export function isOperationHeader(name: string): boolean {
  return OPERATION_HEADERS.has(name)
}

/** Headers whose value is a link. */
const LINK_HEADERS: ReadonlySet<string> = new Set([
  'location',
  'azure-asyncoperation',
  'operation-location',
  'content-location',
  'x-ms-location',
  'refresh',
  'link',
  'x-ms-operation-location',
  'azure-operation-location',
])

export function isLinkHeader(name: string): boolean {
  return LINK_HEADERS.has(name)
}
