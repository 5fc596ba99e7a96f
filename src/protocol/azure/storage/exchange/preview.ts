import type { Preview, TargetCall } from '../../../http/api.ts'
import type { HeaderList } from '../../../http/head.ts'
import { headerOf } from '../../../http/head.ts'
import type { Json } from '../../json.ts'
import { isObject, readJson } from '../../json.ts'
import { PREVIEW_LINES_MAX } from '../../limits.ts'
import { digestOf } from '../../shared/answers.ts'
import type { SeenState } from '../../shared/conditions.ts'
import { conditionOn, tagged } from '../../shared/conditions.ts'
import type { ShowValue } from '../../shared/preview-mask.ts'
import { assignmentLines } from '../../shared/what-if.ts'
import type { Deed } from '../requests/deed.ts'
import { targetOf } from '../requests/operation.ts'
import type { StorageNote, StorageOptions } from '../requests/options.ts'

/** Operations that keep a condition on the ETag, as Azure's reference says of each. */
const CONDITIONAL: ReadonlySet<string> = new Set([
  'PutBlob',
  'PutBlobFromUrl',
  'CopyBlob',
  'PutBlockList',
  'PutPage',
  'PutPageFromUrl',
  'AppendBlock',
  'AppendBlockFromUrl',
  'IncrementalCopyBlob',
  'SetBlobMetadata',
  'SetBlobProperties',
  'SealBlob',
  'LeaseBlob',
  'SnapshotBlob',
  'DeleteBlob',
  'ReplaceEntity',
  'MergeEntity',
  'InsertOrReplaceEntity',
  'InsertOrMergeEntity',
  'DeleteEntity',
])

/** Those of them that make a thing where none is, and can be told that none may be. */
const CREATING: ReadonlySet<string> = new Set([
  'PutBlob',
  'PutBlobFromUrl',
  'CopyBlob',
  'PutBlockList',
])

/**
 * What there is where a held request writes: people see whether it exists and since when it is as it
 * is, and of an entity which properties would change. Its present values stay where they are. The
 * write goes on under the condition that the ETag is still the same.
 */
export async function storagePreview(
  { deed }: StorageNote,
  body: Buffer,
  call: TargetCall,
  options: StorageOptions,
  show: ShowValue,
): Promise<Preview | undefined> {
  if (!CONDITIONAL.has(deed.kind)) return undefined
  const answer = await call(lookOf(deed, options))
  const conditions = {
    ifMatch: deed.call.headers.get('if-match'),
    ifNoneMatch: deed.call.headers.get('if-none-match'),
  }
  if (answer.status === 404) {
    const absent: SeenState = { type: 'absent' }
    const condition = CREATING.has(deed.kind) ? conditionOn(absent, conditions) : []
    const text = ['It does not exist yet.', ...changesOf({}, deed, body, show)].join('\n')
    return { text, digest: digestOf('404'), ...(condition.length === 0 ? {} : { condition }) }
  }
  const tag = headerOf(answer.headers, 'etag')
  const state = tagged(tag)
  if (answer.status !== 200 || state === undefined) return undefined
  const now = readJson(answer.body)
  const changes = changesOf(typeof now === 'string' ? {} : now.value, deed, body, show)
  return {
    text: [existsLine(answer.headers), ...changes].join('\n'),
    digest: digestOf(tag!),
    condition: conditionOn(state, conditions),
  }
}

/** The same thing, looked at: of a blob its properties, of an entity all of it. */
function lookOf({ call }: Deed, options: StorageOptions): Parameters<TargetCall>[0] {
  const isTable = options.service === 'table'
  const target = options.target.prefix + targetOf({ ...call, query: new Map() }, options)
  const headers: HeaderList = [
    ['x-ms-version', call.headers.get('x-ms-version') ?? ''],
    ['accept-encoding', 'identity'],
    ...(isTable ? [['accept', 'application/json;odata=nometadata'] as const] : []),
  ]
  return { method: isTable ? 'GET' : 'HEAD', target, headers }
}

function existsLine(headers: HeaderList): string {
  const facts = [
    ['content-length', 'bytes'],
    ['content-type', ''],
    ['last-modified', ''],
  ].flatMap(([name, unit]) => {
    const value = headerOf(headers, name!)
    return value === undefined ? [] : [`${value} ${unit}`.trim()]
  })
  return `It exists now: ${facts.join(', ')}.`
}

/** Of an entity's write, the properties that get another value than they have. */
function changesOf(
  now: Json,
  { kind, object }: Deed,
  body: Buffer,
  show: ShowValue,
): readonly string[] {
  if (!kind.endsWith('Entity') || kind === 'DeleteEntity') return []
  const asked = readJson(body)
  if (typeof asked === 'string' || !isObject(asked.value)) return ['? a body that is no JSON']
  const replaces = kind.endsWith('ReplaceEntity')
  const shown = (path: readonly string[], value: Json) => show(object, path, value)
  return assignmentLines(now, asked.value, replaces, shown).slice(0, PREVIEW_LINES_MAX)
}
