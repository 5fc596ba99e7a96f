import type { Denial } from '../../../core/denial.ts'
import type { ObjectPath } from '../../../core/object.ts'
import type { DetectMask, MaskRule } from '../../../core/verdict.ts'
import { createTextMasker } from '../../../mask/mask-text.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import { createMasker } from '../../../mask/maskers.ts'
import type { Judgement } from '../../../session/governed.ts'
import type { ApiRequest, Treatment } from '../../http/api.ts'
import { forClients, hasNoBody, isEncoded } from '../../http/body-facts.ts'
import type { AnswerHead, HeaderList } from '../../http/head.ts'
import { headerOf } from '../../http/head.ts'
import { LINE_BYTES_MAX, OBJECT_BYTES_MAX } from '../limits.ts'
import { createLineSearch } from '../masks/line-search.ts'
import { createObjectMasker } from '../masks/object-mask.ts'
import { lines, listDocument, wholeDocument } from '../masks/pieces.ts'
import {
  quotesValues,
  WITHHELD_WARNING,
  withoutWords,
  withoutWordsOfErrors,
} from '../masks/withheld-words.ts'
import { dueMasks } from '../request/due-masks.ts'
import type { KubernetesNote } from '../request/note.ts'
import type { Asked } from '../request/operation.ts'
import { objectOf, resourceName } from '../request/operation.ts'
import { READS } from '../request/verbs.ts'

/** What every HTTP server makes by itself. */
const OF_MESSAGE: ReadonlySet<string> = new Set(
  `age audit-id connection content-encoding content-length content-range date etag last-modified
  transfer-encoding vary`.split(/\s+/),
)
/** By which a client may tell that a masked body has changed. */
const VALIDATORS: ReadonlySet<string> = new Set(['etag', 'last-modified'])

export function answerOf(
  { note }: ApiRequest<KubernetesNote>,
  judgement: Judgement,
  answer: AnswerHead,
  keys: MaskKeys,
): Treatment {
  if (answer.status === 401) return refused('TARGET_AUTH', 'The cluster refused the gateway.')
  const passing = forClients(answer.headers)
  const masks = dueMasks(note, judgement)
  const isProxied = note.asked?.info.subresource === 'proxy'
  const headers = withoutQuotes(passing, masks, keys, isProxied)
  if (masks.length === 0 || hasNoBody(answer)) return { type: 'pass', headers }
  const body = isEncoded(answer.headers) ? undefined : transformOf(note, answer, masks, keys)
  if (body === undefined) {
    return refused('MASK_UNPROVABLE', 'A mask is due, and the answer cannot be masked.')
  }
  return { type: 'transform', headers: headers.filter(([name]) => !VALIDATORS.has(name)), body }
}

/** Warnings are the cluster's own words, too, and most headers of what it proxies are a service's. */
function withoutQuotes(
  headers: HeaderList,
  masks: readonly MaskRule[],
  keys: MaskKeys,
  isProxied: boolean,
): HeaderList {
  const hides = masks.some((mask) => mask.type === 'columns')
  const search = createTextMasker(detecting(masks), 'text', keys)
  return headers.map(([name, value]) => {
    const isWarning = name === 'warning'
    if (isWarning && hides) return [name, WITHHELD_WARNING]
    const isOthers = isWarning || (isProxied && !OF_MESSAGE.has(name))
    return [name, isOthers ? (search(value) ?? '') : value]
  })
}

function detecting(masks: readonly MaskRule[]): DetectMask[] {
  return masks.filter((mask) => mask.type === 'detect')
}

function transformOf(
  { asked, sent }: KubernetesNote,
  answer: AnswerHead,
  masks: readonly MaskRule[],
  keys: MaskKeys,
) {
  return asked === undefined
    ? otherTransform(answer, masks, keys)
    : resourceTransform(asked, answer, masks, keys, sent.isCut)
}

/** What is no object has no fields that a mask could name: it can only be searched. */
function otherTransform({ headers }: AnswerHead, masks: readonly MaskRule[], keys: MaskKeys) {
  if (masks.some((mask) => mask.type === 'columns')) return undefined
  const type = contentType(headers)
  if (type === 'text/plain') return searchedLines([], masks, keys, false)
  if (type !== 'application/json') return undefined
  const kind = { resource: 'nonresource', namespace: undefined, masks, keys }
  return wholeDocument(createObjectMasker(kind))
}

function resourceTransform(
  asked: Asked,
  { status, headers }: AnswerHead,
  masks: readonly MaskRule[],
  keys: MaskKeys,
  isCut: boolean,
) {
  const { info, verb } = asked
  const type = contentType(headers)
  if (info.subresource === 'log' && type === 'text/plain') {
    return searchedLines([...objectOf(asked), 'log'], masks, keys, isCut)
  }
  if (type !== 'application/json') return undefined
  const kind = { resource: resourceName(info), namespace: info.namespace, masks, keys }
  const masker = createObjectMasker(kind)
  const hides = masks.some((mask) => mask.type === 'columns')
  if (status >= 400) {
    const quotes = hides && quotesValues(status, READS.has(verb))
    return wholeDocument(quotes ? withoutWords(masker) : masker)
  }
  if (verb === 'list') return listDocument(masker)
  if (verb === 'deletecollection') return wholeDocument(masker, (all) => masker.maskCollection(all))
  if (verb !== 'watch') return wholeDocument(masker)
  const events = hides ? withoutWordsOfErrors(masker) : masker
  return lines(
    (line) => events.maskEvent(line),
    OBJECT_BYTES_MAX,
    () => [...events.masked],
  )
}

function contentType(headers: HeaderList): string | undefined {
  return headerOf(headers, 'content-type')?.split(';')[0]!.trim().toLowerCase()
}

/**
 * A log is masked whole by a rule that names `namespace/pods/name/log`, or searched line by line. `isCut`: the agent
 * says after how many bytes it ends. A cut may go through what the detectors look for, so a last line
 * that has no end is left out, with whatever a masker would tell of a part.
 */
function searchedLines(
  path: ObjectPath,
  masks: readonly MaskRule[],
  keys: MaskKeys,
  isCut: boolean,
) {
  const columns = masks.filter((mask) => mask.type === 'columns')
  const covering = columns.filter((mask) => mask.covers(path))
  const search = createLineSearch(detecting(masks), keys)
  const redact = createMasker({ name: 'redact' }, 'text', keys)
  let found = false
  return lines(
    (line) => {
      const text = line.toString('utf8')
      const shown = covering.length > 0 ? redact(text) : search(text)
      if (shown === text) return line
      found = true
      return Buffer.from(shown ?? '')
    },
    LINE_BYTES_MAX,
    () => (found ? [path.at(-1) ?? 'line'] : []),
    isCut
      ? () => {
          found = true
          return Buffer.alloc(0)
        }
      : undefined,
  )
}

function refused(code: Denial['code'], message: string): Treatment {
  const hint = 'Whoever runs the gateway sees more in its log.'
  return { type: 'refused', denial: { code, message, hint } }
}
