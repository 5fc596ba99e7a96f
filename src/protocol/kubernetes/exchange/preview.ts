import { createHash } from 'node:crypto'
import type { ApiRequest, Preview, TargetCall } from '../../http/api.ts'
import type { HeaderList } from '../../http/head.ts'
import type { Json } from '../../http/strict-json.ts'
import { isObject } from '../../http/strict-json.ts'
import { PREVIEW_LINES_MAX } from '../limits.ts'
import { fieldAt, textAt } from '../request/body.ts'
import type { KubernetesNote } from '../request/note.ts'
import type { Asked } from '../request/operation.ts'
import { VIEWS } from '../request/operation.ts'
import { showStored } from '../request/secret-places.ts'
import type { Verb } from '../request/verbs.ts'
import type { Seen } from './differences.ts'
import { differences } from './differences.ts'
import type { Impersonation } from './forward.ts'
import { namesOf } from './forward.ts'
import type { Shown } from './preview-mask.ts'

/** Writes that the API server can try without doing them (`dryRun=All`). */
const TRIED: ReadonlySet<Verb> = new Set(['create', 'update', 'patch'])

export interface PreviewParts {
  readonly call: TargetCall
  readonly impersonation: Impersonation | undefined
  readonly show: Shown
}

/**
 * What a held write would change: the object as it is beside the object as a dry run makes it. The
 * digest holds the object's version, so that an approval is good for that version alone.
 */
export async function previewOf(
  { note }: ApiRequest<KubernetesNote>,
  body: Buffer,
  { call, impersonation, show }: PreviewParts,
): Promise<Preview | undefined> {
  const { asked, sent } = note
  if (asked === undefined || sent.isDryRun || !canBeTried(asked)) return undefined
  const headers: HeaderList = [
    ['accept', 'application/json'],
    ...(impersonation === undefined ? [] : namesOf(impersonation, sent.agent)),
  ]
  const idHeader = 'audit-id'
  const read = (target: string) => call({ method: 'GET', target, headers, idHeader })
  if (asked.verb === 'delete') return deletion(await read(sent.path))
  if (asked.verb === 'deletecollection')
    return collection(await read(withQuery(sent.path, sent.query)))
  if (!TRIED.has(asked.verb)) return undefined
  const before = asked.info.name === undefined ? undefined : await read(sent.path)
  const after = await call({
    method: sent.method,
    target: withQuery(sent.path, [sent.query, 'dryRun=All'].filter((one) => one !== '').join('&')),
    headers: [...headers, ['content-type', sent.contentType]],
    idHeader,
    body,
  })
  if (after.status >= 400) {
    const words = show.words(after.status, messageOf(after)) ?? `status ${after.status}`
    return told([`The cluster refuses it: ${words}`], '')
  }
  const now = before?.status === 200 ? parsed(before.body) : undefined
  const seen = (object: Json | undefined): Seen => ({
    exact: settled(object),
    shown: showStored(settled(object === undefined ? undefined : show.object(object)), asked),
  })
  const [was, is] = [seen(now), seen(parsed(after.body))]
  const { lines, more } = differences(was, is)
  const exact = [versionOf(now), JSON.stringify(was.exact), JSON.stringify(is.exact)].join('\n')
  return told(lines.length === 0 ? ['Nothing.'] : lines, exact, more)
}

/** The object itself, or a subresource that shows a part of it. */
function canBeTried({ info }: Asked): boolean {
  return info.subresource === undefined || VIEWS.has(info.subresource)
}

type Answer = Awaited<ReturnType<TargetCall>>

function deletion(answer: Answer): Preview {
  if (answer.status !== 200) return told([`The cluster says: ${messageOf(answer)}`], '')
  const object = parsed(answer.body)
  const created = textAt(object, 'metadata', 'creationTimestamp') ?? 'unknown'
  return told([`deleted: ${nameOf(object)}, created ${created}`], versionOf(object))
}

function collection(answer: Answer): Preview {
  if (answer.status !== 200) return told([`The cluster says: ${messageOf(answer)}`], '')
  const items = fieldAt(parsed(answer.body), 'items')
  const list = Array.isArray(items) ? (items as readonly Json[]) : []
  const versions = list.map((item) => `${nameOf(item)} ${versionOf(item)}`).join('\n')
  return told([`${list.length} objects deleted:`, ...list.map(nameOf)], versions)
}

/** `exact`: equal for equal changes of equal objects, and for no others. */
function told(lines: readonly string[], exact: string, besides = 0): Preview {
  const more = besides + Math.max(0, lines.length - PREVIEW_LINES_MAX)
  const kept = more > 0 ? [...lines.slice(0, PREVIEW_LINES_MAX), `… and ${more} more`] : lines
  const digest = createHash('sha256')
    .update(`${exact}\n${lines.join('\n')}`)
    .digest('hex')
  return { text: kept.join('\n'), digest }
}

/** Without what changes by itself. */
function settled(object: Json | undefined): Json {
  if (!isObject(object)) return {}
  const metadata = fieldAt(object, 'metadata')
  if (!isObject(metadata)) return object
  const {
    managedFields: _fields,
    resourceVersion: _version,
    generation: _generation,
    creationTimestamp: _created,
    uid: _uid,
    ...kept
  } = metadata
  return { ...object, metadata: kept }
}

function nameOf(object: Json | undefined): string {
  return textAt(object, 'metadata', 'name') ?? '(no name)'
}

function versionOf(object: Json | undefined): string {
  return textAt(object, 'metadata', 'resourceVersion') ?? ''
}

function messageOf({ status, body }: Answer): string {
  return textAt(parsed(body), 'message') ?? `status ${status}`
}

function parsed(body: Buffer): Json {
  try {
    return JSON.parse(body.toString('utf8')) as Json
  } catch {
    return null
  }
}

function withQuery(path: string, query: string): string {
  return query === '' ? path : `${path}?${query}`
}
