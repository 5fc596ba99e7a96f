import type { MaskRule } from '../../../core/verdict.ts'
import type { Judgement } from '../../../session/governed.ts'
import type { ApiRequest } from '../../http/api.ts'
import { SECRETS_READ } from '../words.ts'
import type { AzureNote } from './note.ts'

/**
 * Masks that are due on an answer. A read has those of the rules that allowed it. What a change, a poll or
 * a batch brings may be anything of what the agent may not read in clear: all of its column masks count,
 * and the detectors of all rules that speak of what was touched.
 */
export function dueMasks(
  request: ApiRequest<Pick<AzureNote, 'followed' | 'reads' | 'mixed' | 'operation'>>,
  judgement: Judgement,
): readonly MaskRule[] {
  const { followed, reads } = request.note
  if (judgement.verdict.effect === 'deny') return []
  const { masks } = judgement.verdict.obligations
  if (reads && followed === undefined) return masks
  const all = [...masks, ...(followed?.masks ?? []), ...masksElsewhere(judgement)]
  if (!givesSecret(request)) return all
  const own = new Set([...masks, ...(followed?.masks ?? [])])
  return all.filter((mask) => mask.type === 'columns' || own.has(mask))
}

/** Masks of rules that took no part, and speak of what the answer may bring all the same. */
export function masksElsewhere({ verdict }: Judgement): readonly MaskRule[] {
  if (verdict.effect === 'deny') return []
  const { wordMasks = [], wordDetects = [] } = verdict.obligations
  return [...wordMasks, ...wordDetects]
}

/** Keys were asked for, and a rule gives them by name: what it says of detectors is what counts. */
function givesSecret({ operation, note }: Parameters<typeof dueMasks>[0]): boolean {
  const isVerb = note.mixed === undefined && note.operation?.action.endsWith('/action') === true
  return isVerb && operation.accesses.some(({ action }) => action === SECRETS_READ)
}
