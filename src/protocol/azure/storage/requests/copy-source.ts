import type { Denial } from '../../../../core/denial.ts'
import { isDenial, refusal } from '../../shared/denial.ts'
import type { Origin } from '../../shared/stored-links.ts'
import { isPlainSegment, isSignatureParameter, signatureRefusal } from './call.ts'

export interface CopySource {
  readonly container: string
  readonly blob: readonly string[]
  readonly snapshot?: string
  readonly versionId?: string
}

/** Scheme, authority, path and query, with nothing in them that two parsers read differently. */
const FORM = /^https:\/\/([a-z0-9.-]+(?::\d{1,5})?)(\/[^?#\\\s]*)(?:\?([^?#\\\s]*))?$/i

/**
 * A copy's source, where it is a blob of the account itself and needs no signature. Every other one
 * (other accounts, other hosts, `http://`) would make the target fetch what nobody judged.
 */
export function copySource(text: string, origins: readonly Origin[]): CopySource | Denial {
  const match = isAscii(text) ? FORM.exec(text) : null
  if (match === null) return foreign()
  const authority = match[1]!.toLowerCase()
  const path = match[2]!
  const query = sourceQuery(match[3] ?? '')
  if (isDenial(query)) return query
  for (const origin of origins) {
    if (authority !== origin.authority || !path.startsWith(`${origin.prefix}/`)) continue
    const segments = decoded(path.slice(origin.prefix.length + 1))
    const [container, ...blob] = segments ?? []
    if (container === undefined || blob.length === 0 || !isContainerName(container)) continue
    return { container, blob, ...query }
  }
  return foreign()
}

/** `$root` is where blobs without a container are, `$web` a static site; the others are logs. */
export function isContainerName(name: string): boolean {
  if (SPECIAL_CONTAINERS.has(name)) return true
  return name.length >= 3 && name.length <= 63 && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name)
}

const SPECIAL_CONTAINERS: ReadonlySet<string> = new Set([
  '$root',
  '$web',
  '$logs',
  '$blobchangefeed',
])

export function encodeSegments(segments: readonly string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join('')
}

function foreign(): Denial {
  return refusal(
    'The source of the copy is no blob of this account, or is not written plainly.',
    'Name a blob of the same account by https:// and the host that you use for it.',
  )
}

function isAscii(text: string): boolean {
  return /^[\x21-\x7e]*$/.test(text)
}

function decoded(path: string): string[] | undefined {
  try {
    const segments = path.split('/').flatMap((one) => decodeURIComponent(one).split('/'))
    return segments.every(isPlainSegment) ? segments : undefined
  } catch {
    return undefined
  }
}

function sourceQuery(query: string): Pick<CopySource, 'snapshot' | 'versionId'> | Denial {
  if (query === '') return {}
  const pairs = query.split('&')
  const names = pairs.map((pair) => nameOf(pair))
  if (names.some((name) => name === undefined || isSignatureParameter(name))) {
    return signatureRefusal('the source of the copy')
  }
  const value = /^[^=]+=([0-9A-Za-z:.%-]+)$/.exec(query)?.[1]
  const name = names[0]
  if (pairs.length !== 1 || value === undefined) return foreign()
  const time = value.replaceAll(/%3a/gi, ':')
  if (!/^[0-9TZ:.-]+$/.test(time)) return foreign()
  if (name === 'snapshot') return { snapshot: time }
  return name === 'versionid' ? { versionId: time } : foreign()
}

function nameOf(pair: string): string | undefined {
  try {
    return decodeURIComponent(pair.split('=', 1)[0]!).toLowerCase()
  } catch {
    return undefined
  }
}
