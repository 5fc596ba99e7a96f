import type { Treatment } from '../../http/api.ts'
import { headerOf } from '../../http/head.ts'
import type { AnswerContext } from './storage-answer-parts.ts'
import { isJsonType, replacerFor, unprovable, withoutDigests } from './storage-answer-parts.ts'
import { chained } from './storage-rewrite.ts'
import { createTextTransform } from './storage-text-mask.ts'

/** Entities in JSON: properties that rules name, and whatever the detectors find in the others. */
export function entitiesTreatment(context: AnswerContext): Treatment {
  const { answer, masks, note, options } = context
  const headers = withoutDigests(context.headers, false)
  if (answer.status === 204) return { type: 'pass', headers: context.headers }
  const type = headerOf(answer.headers, 'content-type') ?? ''
  if (!isJsonType(type)) return unprovable('An answer in this form')
  const touched = masks.columns.some((mask) => mask.touches?.(note.deed.object) ?? true)
  if (touched) return unprovable('These entities')
  if (masks.detect.length === 0) return { type: 'transform', headers, body: replacerFor(context) }
  const body = chained([
    createTextTransform(masks.detect, options.maskKeys, true),
    replacerFor(context),
  ])
  return { type: 'transform', headers, body }
}
