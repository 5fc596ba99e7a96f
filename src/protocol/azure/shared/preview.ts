import { ChaperoneError } from '../../../core/errors.ts'
import type { ApiRequest, Preview, TargetCall } from '../../http/api.ts'
import type { HeaderList } from '../../http/head.ts'
import { headerOf } from '../../http/head.ts'
import type { Json } from '../json.ts'
import { fieldOf, readJson, textOf } from '../json.ts'
import {
  PREVIEW_BYTES_MAX,
  PREVIEW_POLL_MS,
  PREVIEW_POLL_MS_MAX,
  PREVIEW_POLLS_MAX,
} from '../limits.ts'
import { digestOf } from './answers.ts'
import { conditionOn, tagged } from './conditions.ts'
import type { AzureNote } from './note.ts'
import type { AzureOptions } from './options.ts'
import type { ShowValue } from './preview-mask.ts'
import { changeLines, whatIfLines } from './what-if.ts'

type Answer = Awaited<ReturnType<TargetCall>>

/**
 * What a held write would change. A deployment is asked of Resource Manager itself (what-if); of any
 * other write the thing is read as it is now, and shown beside what is asked for. The digest is of
 * the changes, or of the thing's ETag or content: if it is another when people have agreed, what they
 * agreed to is no longer what would happen. Where the target tells an ETag, the write goes on under
 * the condition that it is still that one.
 */
export async function previewOf(
  { note }: ApiRequest<AzureNote>,
  body: Buffer,
  call: TargetCall,
  options: AzureOptions,
  show: ShowValue,
): Promise<Preview | undefined> {
  const { operation: arm, target } = note
  if (arm === undefined) return undefined
  if (/^microsoft\.resources\/deployments\/write$/i.test(arm.action)) {
    return whatIf(target, note.rewritten ?? body, call, options, show)
  }
  if (arm.effect !== 'write' && arm.effect !== 'delete') return undefined
  return current(note, call, show)
}

async function whatIf(
  target: string,
  body: Buffer,
  call: TargetCall,
  options: AzureOptions,
  show: ShowValue,
): Promise<Preview> {
  const [path = '', query = ''] = target.split('?')
  const headers: HeaderList = [
    ['content-type', 'application/json'],
    ['accept', 'application/json'],
    ['accept-encoding', 'identity'],
  ]
  let answer = await call({ method: 'POST', target: `${path}/whatIf?${query}`, headers, body })
  for (let polls = 0; answer.status === 202; polls++) {
    const next = pollTarget(answer, options.target)
    if (next === undefined || polls >= PREVIEW_POLLS_MAX)
      throw noPreview('it did not come to an end')
    await options.sleep(waitOf(answer))
    answer = await call({ method: 'GET', target: next, headers: headers.slice(1) })
  }
  const result = jsonOf(answer)
  if (answer.status !== 200 || textOf(result, 'status')?.toLowerCase() === 'failed') {
    throw noPreview(errorOf(result))
  }
  const lines = whatIfLines(fieldOf(fieldOf(result, 'properties') ?? result, 'changes') ?? [], show)
  return { text: lines.text, digest: digestOf(lines.all.join('\n')) }
}

/** Of this target alone: the answer is the target's, and the gateway follows no one elsewhere. */
function pollTarget({ headers }: Answer, origin: string): string | undefined {
  const location = headerOf(headers, 'location') ?? headerOf(headers, 'azure-asyncoperation')
  if (location?.startsWith(`${origin}/`) === true) return location.slice(origin.length)
  return location !== undefined && /^\/[^/\\]/.test(location) ? location : undefined
}

function waitOf({ headers }: Answer): number {
  const seconds = Number(headerOf(headers, 'retry-after'))
  return Number.isFinite(seconds) && seconds >= 0 && headerOf(headers, 'retry-after') !== undefined
    ? Math.min(seconds * 1000, PREVIEW_POLL_MS_MAX)
    : PREVIEW_POLL_MS
}

async function current(
  { target, object, body, conditions = {} }: AzureNote,
  call: TargetCall,
  show: ShowValue,
): Promise<Preview | undefined> {
  const answer = await call({
    method: 'GET',
    target: readingOf(target),
    headers: [
      ['accept', 'application/json'],
      ['accept-encoding', 'identity'],
    ],
  })
  if (answer.status === 404) {
    const condition = conditionOn({ type: 'absent' }, conditions)
    return { text: 'It does not exist yet.', digest: digestOf('404'), condition }
  }
  if (answer.status !== 200) return undefined
  const now = jsonOf(answer)
  const tag = headerOf(answer.headers, 'etag') ?? fieldOf(now, 'etag')
  const state = tagged(tag)
  const text =
    body === undefined
      ? 'It exists now, and would be deleted.'
      : changeLines(now, body, (path, value) => show(object, path, value)).join('\n')
  return {
    text: text === '' ? 'Nothing that it names would change.' : text,
    digest: digestOf(typeof tag === 'string' ? tag : answer.body.toString('utf8')),
    ...(state === undefined ? {} : { condition: conditionOn(state, conditions) }),
  }
}

/** The thing itself: other parameters are the write's. */
function readingOf(target: string): string {
  const [path = '', query = ''] = target.split('?')
  const [, version = ''] =
    [...new URLSearchParams(query)].find(([name]) => /^api-version$/i.test(name)) ?? []
  return `${path}?api-version=${encodeURIComponent(version)}`
}

function jsonOf({ body }: Answer): Json {
  if (body.length > PREVIEW_BYTES_MAX) throw noPreview('the answer is too large')
  if (body.length === 0) return null
  const read = readJson(body)
  if (typeof read === 'string') throw noPreview('the answer is no JSON')
  return read.value
}

function errorOf(result: Json): string {
  const code = textOf(fieldOf(result, 'error'), 'code')
  return code !== undefined ? `the target says ${code}` : 'the target refused it'
}

function noPreview(why: string): ChaperoneError {
  return new ChaperoneError('TARGET_PROTOCOL', `There is no preview of the change: ${why}.`, {
    hint: 'Run the what-if by hand (az deployment … what-if) to see more.',
  })
}
