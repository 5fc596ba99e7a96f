import type { Origin } from '../../shared/stored-links.ts'

export interface ParsedTarget {
  /** Decoded once, below the account. */
  readonly segments: readonly string[]
  readonly query: string
  readonly parameters: readonly (readonly [name: string, value: string])[]
}

const FORM = /^(?:https:\/\/([a-z0-9.-]+(?::\d{1,5})?))?(\/[^?#\\]*)(?:\?([^?#\\]*))?$/i

/**
 * What the target of a request inside a batch may mean: a whole URL of the account, or a path as the
 * client sees it. With path-style addresses some SDKs write the account in that path and some do
 * not; with it comes first. Empty for every other host and for what is not written plainly.
 */
export function parseTarget(text: string, origins: readonly Origin[]): readonly ParsedTarget[] {
  const match = FORM.exec(text)
  if (match === null) return []
  const authority = match[1]?.toLowerCase()
  const path = match[2]!
  const prefixes =
    authority === undefined
      ? new Set([...origins.slice(0, 1).map(({ prefix }) => prefix), ''])
      : origins.filter((one) => one.authority === authority).map(({ prefix }) => prefix)
  return [...prefixes]
    .filter((prefix) => path.startsWith(`${prefix}/`))
    .flatMap((prefix) => parsed(path.slice(prefix.length + 1), match[3] ?? '') ?? [])
}

function parsed(path: string, query: string): ParsedTarget | undefined {
  try {
    const segments = path === '' ? [] : path.split('/').map(decodeURIComponent)
    return { segments, query, parameters: pairsOf(query) }
  } catch {
    return undefined
  }
}

function pairsOf(query: string): [name: string, value: string][] {
  if (query === '') return []
  return query.split('&').map((pair) => {
    const at = pair.indexOf('=')
    const name = at < 0 ? pair : pair.slice(0, at)
    return [decodeURIComponent(name), decodeURIComponent(at < 0 ? '' : pair.slice(at + 1))]
  })
}

/** Parameters in the order in which they came, encoded in one way. */
export function formatQuery(query: ReadonlyMap<string, string>): string {
  const pairs = [...query].map(([name, value]) => `${written(name)}=${encodeURIComponent(value)}`)
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

/** Names are compared without case, but the table service writes some of them so. */
function written(name: string): string {
  return TABLE_NAMES[name] ?? name
}

const TABLE_NAMES: Readonly<Record<string, string>> = {
  nextpartitionkey: 'NextPartitionKey',
  nextrowkey: 'NextRowKey',
  nexttablename: 'NextTableName',
  startfrom: 'startFrom',
  endbefore: 'endBefore',
}
