import { createHash } from 'node:crypto'
import type { Denial } from '../../../core/denial.ts'
import type { ObjectPath } from '../../../core/object.ts'
import type { Operation } from '../../../core/operation.ts'
import type { RequestHead } from '../../http/head.ts'
import type { VaultRow } from './rows.ts'
import { VAULT_ROWS } from './rows.ts'

export interface VaultCall {
  readonly kind: string
  readonly operation: Operation
  /** Path and query in the one form in which they go on. */
  readonly target: string
  /** `[vault, collection, name]`, without a version: what masks speak of. */
  readonly object: ObjectPath
}

/**
 * What a request to a vault does. Objects are `vault/secrets/name/version`, in lower case as vaults
 * ignore it; deleted things are the same objects as before. What is in no row is refused: a vault's
 * storage accounts (they give out signatures), its backup as a whole, security domains.
 */
export function vaultCall(head: RequestHead, vaultName: string): VaultCall | Denial {
  const vault = vaultName.toLowerCase()
  const found = rowOf(head.method, head.segments)
  if (found === undefined) return unknown(head.method)
  const query = queryOf(head, found.row)
  if (typeof query !== 'string') return query
  const { row, version } = found
  const collection = row.path.split('/')[0]!.replace(/^deleted/, '')
  const object = row.everything === true ? [vault, collection] : [vault, collection, ...found.name]
  const accessed = version === undefined ? object : [...object, version]
  const action = `Microsoft.KeyVault/vaults/${row.action}`
  return {
    kind: row.kind,
    operation: {
      kind: row.kind,
      fingerprint: fingerprint([row.kind, ...object]),
      accesses: [{ action, object: accessed, grant: 'required' }],
      predicates: [],
      results: [],
      facts: { statements: 1, readOnly: READS.test(row.action), hasWhere: true },
    },
    target: `/${head.segments.filter((one) => one !== '').join('/')}${query}`,
    object,
  }
}

const READS = /(?:\/read|readMetadata\/action|getSecret\/action|verify\/action|encrypt\/action)$/

interface FoundRow {
  readonly row: VaultRow
  readonly name: readonly string[]
  readonly version?: string
}

function rowOf(method: string, segments: readonly string[]): FoundRow | undefined {
  for (const row of VAULT_ROWS) {
    if (!row.methods.includes(method)) continue
    const found = matched(row, segments)
    if (found !== undefined) return found
  }
  return undefined
}

const NAME = /^[0-9a-zA-Z-]{1,127}$/
const VERSION = /^[0-9a-f]{32}$/i

function matched(row: VaultRow, segments: readonly string[]): FoundRow | undefined {
  const parts = row.path.split('/')
  if (parts.length !== segments.length) return undefined
  const name: string[] = []
  let version: string | undefined
  for (const [i, part] of parts.entries()) {
    const segment = segments[i]!
    if (part === '{name}') {
      if (!NAME.test(segment)) return undefined
      name.push(segment.toLowerCase())
    } else if (part === '{version}') {
      // SDKs leave it empty for the newest: `keys/name//sign`, `secrets/name/`.
      if (segment !== '' && !VERSION.test(segment)) return undefined
      if (segment !== '') version = segment.toLowerCase()
    } else if (part !== segment) return undefined
    else if (i > 0 && RESERVED.has(part)) name.push(part)
  }
  const [, first] = segments
  // A certificate of such a name could not be told from the thing itself.
  if (parts[0] === 'certificates' && parts[1] === '{name}' && RESERVED.has(first!.toLowerCase())) {
    return undefined
  }
  return { row, name, ...(version === undefined ? {} : { version }) }
}

/** Not names of certificates; they stand in an object's path where a name would. */
const RESERVED: ReadonlySet<string> = new Set(['contacts', 'issuers'])

const API_VERSION = /^(?:7\.\d|20\d\d-\d\d-\d\d(?:-preview)?|7\.\d-preview\.\d)$/

const VALUES: Readonly<Record<string, RegExp>> = {
  'api-version': API_VERSION,
  maxresults: /^\d{1,3}$/,
  includepending: /^(?:true|false)$/i,
  $skiptoken: /^[\x20-\x7e]{1,4096}$/,
}

function queryOf(head: RequestHead, row: VaultRow): string | Denial {
  const known = new Map<string, string>()
  for (const [name, value] of head.parameters) {
    const key = name.toLowerCase()
    const isKnown = key === 'api-version' || (row.parameters ?? []).includes(key)
    if (!isKnown || known.has(key) || VALUES[key]?.test(value) !== true) {
      return refused(
        `The parameter ${key.slice(0, 64)} has no place in this request, or no known value.`,
        'Use the parameters that the vault documents, once each.',
      )
    }
    known.set(key, value)
  }
  if (!known.has('api-version') || head.query.includes('+')) {
    return refused('The request has no usable api-version.', 'Send api-version=7.4 or a later one.')
  }
  return `?${[...known].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`
}

function unknown(method: string): Denial {
  return refused(
    `${method} of this path is no operation of a vault that the gateway knows.`,
    'Use secrets, keys or certificates, by names of letters, digits and dashes.',
  )
}

function refused(message: string, hint: string): Denial {
  return { code: 'REQUEST_UNSUPPORTED', message, hint }
}

function fingerprint(words: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 16)
}
