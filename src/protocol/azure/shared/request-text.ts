import type { ColumnMask, MaskRule } from '../../../core/verdict.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import type { ApiRequest } from '../../http/api.ts'
import type { RequestHead } from '../../http/head.ts'
import { meantLine } from '../../http/meant-line.ts'
import type { Shown } from '../../http/shown.ts'
import { hiddenLine, showBody, showUnderMasks } from '../../http/shown.ts'
import type { Json } from '../json.ts'
import type { Found } from '../shown/secret-fields.ts'

/** What rules with texts judge: the request's line, which tool it came from, and its body. */
export function requestText(head: RequestHead, body?: { readonly value: Json }): string {
  const lines = linesOf(head)
  return body === undefined ? lines : `${lines}\n\n${written(body.value)}`
}

/** The text of a body for rules, and what people see of it. */
export function requestTexts(
  head: RequestHead,
  body: { readonly value: Json } | undefined,
  { secrets, covers, keys }: BodyParts,
): Pick<ApiRequest<unknown>, 'text' | 'show'> {
  const text = requestText(head, body)
  if (body === undefined) return { text }
  const show = (masks: readonly MaskRule[]): Shown => {
    const masked = showUnderMasks(masks, keys, covers)
    const { value, hidden } = showBody(body.value, masked, secrets(body.value))
    if (hidden === 0) return { text, hidden }
    const exact = written(body.value)
    return {
      text: `${linesOf(head)}\n\n${written(value)}\n${hiddenLine(hidden, exact, keys)}`,
      hidden,
    }
  }
  return { text, show }
}

export interface BodyParts {
  /** Fields that are secrets by the API's schema. */
  readonly secrets: (body: Json) => Found
  /** Whether a mask hides the field of the body. */
  readonly covers: (mask: ColumnMask, path: readonly string[]) => boolean
  readonly keys: MaskKeys
}

/** A batch, its requests one below the other. */
export function showBatch(
  head: RequestHead,
  parts: readonly Pick<ApiRequest<unknown>, 'text' | 'show'>[],
): (masks: readonly MaskRule[]) => Shown {
  return (masks) => {
    const shown = parts.map(({ text, show }) => show?.(masks) ?? { text, hidden: 0 })
    return {
      text: [linesOf(head), ...shown.map((one) => one.text)].join('\n\n'),
      hidden: shown.reduce((sum, { hidden }) => sum + hidden, 0),
    }
  }
}

function linesOf(head: RequestHead): string {
  const notes = head.headers
    .filter(([name]) => name === 'commandname' || name === 'x-ms-client-request-id')
    .map(([name, value]) => `${name}: ${value.slice(0, NOTE_CHARS_MAX)}`)
  return [meantLine(head), ...notes].join('\n')
}

const NOTE_CHARS_MAX = 200

function written(value: Json): string {
  return JSON.stringify(value, undefined, 1)
}
