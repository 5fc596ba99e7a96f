import { createHash } from 'node:crypto'
import { ChaperoneError } from '../../../core/errors.ts'
import type { Leaf } from '../../../mask/json-leaves.ts'
import { editJson } from '../../../mask/json-leaves.ts'
import type { Judgement } from '../../../session/governed.ts'
import type { ApiRequest, BodyTransform, RequestContext, Treatment } from '../../http/api.ts'
import { forClients, hasNoBody, isEncoded } from '../../http/body-facts.ts'
import type { AnswerHead, HeaderList } from '../../http/head.ts'
import { headerOf } from '../../http/head.ts'
import { LEAF_BYTES_MAX, LINK_CHARS_MAX } from '../limits.ts'
import { denial } from '../refusals.ts'
import { createAnswerMasker } from './answer-masks.ts'
import { staleAnswer } from './conditions.ts'
import { dueMasks } from './due-masks.ts'
import type { Places } from './link-rewriting.ts'
import {
  isFollowedField,
  isLinkHeader,
  isOperationHeader,
  isPageField,
  rewriteLink,
} from './link-rewriting.ts'
import type { AzureNote } from './note.ts'
import type { AzureOptions } from './options.ts'

/**
 * What becomes of an answer: links to the target become links to the gateway and are given to the
 * session, links elsewhere that a client would follow are taken out, fields are masked.
 */
export function answerOf(
  request: ApiRequest<AzureNote>,
  judgement: Judgement,
  answer: AnswerHead,
  context: RequestContext,
  options: AzureOptions,
): Treatment {
  if (answer.status === 401) return refused('TARGET_AUTH', 'The target refused the gateway.')
  const stale = staleAnswer(answer, context)
  if (stale !== undefined) return stale
  const { note } = request
  const masks = dueMasks(request, judgement)
  const places = placesOf(context, options)
  const objects = note.mixed ?? [note.object]
  const give = (target: string) => options.links.give(context, target, { masks, objects })
  const headers = headersOf(answer.headers, places, give)
  const body = bodyKind(answer)
  if (note.renames === true && masks.some(({ type }) => type === 'columns')) {
    return refused(
      'MASK_UNPROVABLE',
      'The answer to a query may call masked fields by other names.',
    )
  }
  if (body === 'empty') return { type: 'pass', headers }
  if (body === 'other') {
    if (masks.length === 0) return { type: 'pass', headers }
    // What says no type is mostly nothing at all, and it was done: the client gets to know that much.
    const isTyped = headerOf(answer.headers, 'content-type') !== undefined
    if (!note.reads && !isTyped) return { type: 'transform', headers, body: NOTHING }
    return refused(
      'MASK_UNPROVABLE',
      `${doneBy(note)}A mask is due, and the answer is not in JSON.`,
    )
  }
  if (body === 'encoded') return refused('TARGET_PROTOCOL', 'The answer is compressed.')
  const masker = masks.length === 0 ? undefined : createAnswerMasker(note, masks, options.keys)
  return {
    type: 'transform',
    headers,
    body: transform(note, places, give, masker),
  }
}

/** Nothing of the body goes on. */
const NOTHING: BodyTransform = {
  write: () => Buffer.alloc(0),
  end: () => Buffer.alloc(0),
  masked: [],
}

/** What is no read was done, whether its answer can be shown or not: nobody should send it again. */
function doneBy({ reads }: AzureNote): string {
  return reads ? '' : 'The target has done it. '
}

function placesOf({ head }: RequestContext, { target }: AzureOptions): Places {
  return { target, client: `https://${head.authority}`, prefix: head.prefix }
}

function headersOf(
  headers: HeaderList,
  places: Places,
  give: (target: string) => void,
): HeaderList {
  return forClients(headers).flatMap(([name, value]) => {
    const link = rewriteLink(value, places, isLinkHeader(name))
    if (link.type === 'foreign') return []
    if (link.type === 'keep') return [[name, value] as const]
    if (isOperationHeader(name)) give(link.target)
    return [[name, link.url] as const]
  })
}

const JSON_ANSWER = /^(application|text)\/([a-z0-9.+-]+\+)?json\s*(;.*)?$/i

function bodyKind(answer: AnswerHead): 'empty' | 'json' | 'other' | 'encoded' {
  if (hasNoBody(answer)) return 'empty'
  if (isEncoded(answer.headers)) return 'encoded'
  const type = headerOf(answer.headers, 'content-type')
  if (type === undefined) return 'other'
  const charset = /charset\s*=\s*"?([^";\s]+)/i.exec(type)?.[1]
  return JSON_ANSWER.test(type) && (charset === undefined || /^utf-?8$/i.test(charset))
    ? 'json'
    : 'other'
}

function transform(
  note: AzureNote,
  places: Places,
  give: (target: string) => void,
  masker: ReturnType<typeof createAnswerMasker> | undefined,
): BodyTransform {
  let rows = 0
  const editor = editJson((leaf) => {
    if (leaf.path.length === 2 && leaf.path[0] === 'value' && leaf.path[1] === 'id') rows++
    return masker?.mask(leaf) ?? editLink(leaf, places, isPageLink(leaf.path, note) ? give : nobody)
  }, LEAF_BYTES_MAX)
  return {
    write: (chunk) => editor.write(chunk),
    end: () => editor.end(),
    get masked() {
      return [...(masker?.masked ?? [])]
    },
    get rows() {
      return rows
    },
  }
}

/**
 * Where the target itself writes the link to the next page. Whoever may write a tag could put any link
 * anywhere else, read it back, and have been given what belongs to another session.
 */
function isPageLink(path: readonly string[], { list, mixed }: AzureNote): boolean {
  const depth = mixed === undefined ? 1 : PARTS_OF_BATCH.test(path.join('/')) ? 3 : 1
  return (list || mixed !== undefined) && path.length === depth && isPageField(path.at(-1) ?? '')
}

const PARTS_OF_BATCH = /^responses\/(content|body)\//

function nobody(): void {}

function editLink(leaf: Leaf, places: Places, give: (target: string) => void): string | undefined {
  if (!leaf.raw.startsWith('"') || leaf.raw.length > LINK_CHARS_MAX) return undefined
  const followed = isFollowedField(leaf.path.at(-1) ?? '')
  const link = rewriteLink(textOf(leaf.raw), places, followed)
  if (link.type === 'keep') return undefined
  if (link.type === 'foreign') return 'null'
  give(link.target)
  return JSON.stringify(link.url)
}

function textOf(raw: string): string {
  try {
    return JSON.parse(raw) as string
  } catch (cause) {
    throw new ChaperoneError('TARGET_PROTOCOL', "The target's answer is no JSON.", { cause })
  }
}

function refused(code: Parameters<typeof denial>[0], message: string): Treatment {
  return {
    type: 'refused',
    denial: denial(code, message, 'Whoever runs the gateway sees more in its log.'),
  }
}

/** A short name of an answer's content, to see whether it is still the same. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
