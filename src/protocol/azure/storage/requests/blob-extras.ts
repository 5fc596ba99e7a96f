import type { Denial } from '../../../../core/denial.ts'
import type { ObjectPath } from '../../../../core/object.ts'
import type { Access, Copy } from '../../../../core/operation.ts'
import { isDenial, refusal } from '../../shared/denial.ts'
import type { Origin } from '../../shared/stored-links.ts'
import type { BlobRow } from './blob-rows.ts'
import type { StorageCall } from './call.ts'
import { copySource, encodeSegments } from './copy-source.ts'
import { storageAccess } from './deed.ts'

export interface BlobAccount {
  readonly name: string
  /** How clients and the target write the account; copies name their source so. */
  readonly origins: readonly Origin[]
  /** The target's own, for sources on their way. */
  readonly target: Origin
}

/** What headers and parameters add to what an operation touches. */
export interface Extras {
  readonly accesses: readonly Access[]
  readonly copies: readonly Copy[]
  readonly set: readonly (readonly [name: string, value: string])[]
}

const BLOBS = 'blobServices/containers/blobs'

/** Headers that do something of their own, and the action that it is. */
const ACTIONS = Object.entries({
  'x-ms-tags': `${BLOBS}/tags/write`,
  'x-ms-if-tags': `${BLOBS}/tags/read`,
  'x-ms-immutability-policy-until-date': `${BLOBS}/immutableStorage/runAsSuperUser/action`,
  'x-ms-immutability-policy-mode': `${BLOBS}/immutableStorage/runAsSuperUser/action`,
  'x-ms-legal-hold': `${BLOBS}/immutableStorage/runAsSuperUser/action`,
  'x-ms-blob-public-access': 'blobServices/containers/setAcl/action',
})

export function blobExtras(
  call: StorageCall,
  row: BlobRow,
  object: ObjectPath,
  account: BlobAccount,
): Extras | Denial {
  const problem = valueProblem(call, row)
  if (problem !== undefined) return problem
  const names = new Set<string>()
  for (const [header, action] of ACTIONS) {
    if (call.headers.has(header)) names.add(action)
  }
  if (includes(call).includes('tags')) names.add(`${BLOBS}/tags/read`)
  names.delete(`blobServices/${row.action}`)
  const own = [...names].map((name) => storageAccess(name, object))
  const source = sourceExtras(call, object, account)
  return isDenial(source) ? source : { ...source, accesses: [...own, ...source.accesses] }
}

/** The source is read: what may not be read may not be copied. */
function sourceExtras(
  call: StorageCall,
  object: ObjectPath,
  { name, origins, target }: BlobAccount,
): Extras | Denial {
  const text = call.headers.get('x-ms-copy-source')
  if (text === undefined) return { accesses: [], copies: [], set: [] }
  const source = copySource(text, origins)
  if (isDenial(source)) return source
  const from = [name, source.container, ...source.blob]
  const accesses = [storageAccess(`${BLOBS}/read`, from)]
  if (call.headers.get('x-ms-copy-source-tag-option') === 'COPY') {
    accesses.push(storageAccess(`${BLOBS}/tags/read`, from))
    accesses.push(storageAccess(`${BLOBS}/tags/write`, object))
  }
  if (call.headers.has('x-ms-source-if-tags')) {
    accesses.push(storageAccess(`${BLOBS}/tags/read`, from))
  }
  const path = encodeSegments([source.container, ...source.blob])
  const query =
    source.snapshot === undefined
      ? source.versionId === undefined
        ? ''
        : `?versionid=${encodeURIComponent(source.versionId)}`
      : `?snapshot=${encodeURIComponent(source.snapshot)}`
  const url = `https://${target.authority}${target.prefix}${path}${query}`
  return { accesses, copies: [{ from, to: object, whole: true }], set: [['x-ms-copy-source', url]] }
}

const INCLUDES: ReadonlySet<string> = new Set([
  'copy',
  'deleted',
  'metadata',
  'snapshots',
  'uncommittedblobs',
  'versions',
  'tags',
  'immutabilitypolicy',
  'legalhold',
  'deletedwithversions',
  'permissions',
  'system',
])

/** Values that decide what happens have to be ones that are known. */
const VALUES = Object.entries({
  'x-ms-blob-type': /^(?:BlockBlob|PageBlob|AppendBlob)$/,
  'x-ms-copy-action': /^abort$/,
  'x-ms-delete-snapshots': /^(?:include|only)$/,
  'x-ms-page-write': /^(?:update|clear)$/i,
  'x-ms-lease-action': /^(?:acquire|renew|change|release|break)$/i,
  'x-ms-blob-public-access': /^(?:container|blob)$/,
  'x-ms-copy-source-tag-option': /^(?:COPY|REPLACE)$/,
  'x-ms-copy-source-blob-properties': /^(?:true|false)$/i,
})

const PARAMETER_VALUES = Object.entries({
  snapshot: /^[0-9TZ:.-]+$/,
  versionid: /^[0-9TZ:.-]+$/,
  prevsnapshot: /^[0-9TZ:.-]+$/,
  deletetype: /^permanent$/,
  maxresults: /^\d{1,6}$/,
  timeout: /^\d{1,5}$/,
  blocklisttype: /^(?:committed|uncommitted|all)$/,
  showonly: /^(?:deleted|files|directories)$/,
})

function valueProblem(call: StorageCall, row: BlobRow): Denial | undefined {
  for (const [name, form] of VALUES) {
    const value = call.headers.get(name)
    if (value !== undefined && !form.test(value)) return unknownValue(`The header ${name}`)
  }
  for (const [name, form] of PARAMETER_VALUES) {
    const value = call.query.get(name)
    if (value !== undefined && !form.test(value)) return unknownValue(`The parameter ${name}`)
  }
  if (call.query.has('snapshot') && call.query.has('versionid')) {
    return refusal('The request names a snapshot and a version.', 'Name one of them.')
  }
  if (includes(call).some((one) => !INCLUDES.has(one))) return unknownValue('The parameter include')
  const restored = call.headers.get('x-ms-deleted-container-name')
  if (row.kind === 'RestoreContainer' && restored !== call.segments[0]) {
    return refusal(
      'A container would be restored under another name.',
      'Restore it under the name that it had.',
    )
  }
  return undefined
}

function includes({ query }: StorageCall): readonly string[] {
  return (query.get('include') ?? '').split(',').filter((one) => one !== '')
}

function unknownValue(what: string): Denial {
  return refusal(`${what} has a value that the gateway does not know.`, 'Use a documented value.')
}
