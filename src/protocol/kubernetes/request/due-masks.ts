import type { ObjectPath } from '../../../core/object.ts'
import type { MaskRule } from '../../../core/verdict.ts'
import type { Judgement } from '../../../session/governed.ts'
import type { KubernetesNote } from './note.ts'
import { objectOf, VIEWS } from './operation.ts'
import { otherNames } from './other-names.ts'
import { READS } from './verbs.ts'

/** Subresources over which anything may come: their own rules say what is masked. */
const STREAMS: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'log', 'proxy'])

/**
 * Masks that are due on an answer. What is written comes back whole, even from a patch that changes
 * nothing, so for writes all of the agent's column masks count, and the detectors of all rules that
 * speak of what is written.
 */
export function dueMasks(
  { asked, other }: KubernetesNote,
  { verdict }: Judgement,
): readonly MaskRule[] {
  if (verdict.effect === 'deny') return []
  const { masks, wordMasks = [], wordDetects = [] } = verdict.obligations
  if (asked === undefined) return other === undefined ? [] : touching(masks, [other])
  const { subresource } = asked.info
  const streams = subresource !== undefined && STREAMS.has(subresource)
  const object = objectOf(asked)
  const names = [object, ...otherNames(object)]
  // What shows nobody knows what may show the object itself, which other rules mask.
  const isKnown = subresource === undefined || streams || VIEWS.has(subresource)
  if (isKnown && (streams || READS.has(asked.verb))) return touching(masks, names)
  // A token that a rule gives by name is nothing for the detectors of others to find.
  const detects = subresource === 'token' ? [] : wordDetects
  return touching([...masks, ...wordMasks, ...detects], names)
}

/** Those that may hide something of one of these. */
export function touching(
  masks: readonly MaskRule[],
  names: readonly ObjectPath[],
): readonly MaskRule[] {
  return masks.filter((mask) => {
    return mask.type === 'detect' || names.some((name) => mask.touches?.(name) !== false)
  })
}
