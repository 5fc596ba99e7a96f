import type { ObjectPath } from '../../core/object.ts'
import type { MaskRule } from '../../core/verdict.ts'
import type { Judgement } from '../../session/governed.ts'
import { objectOf } from './operation.ts'
import { otherNames } from './other-names.ts'
import type { KubernetesNote } from './request.ts'
import { READS } from './verbs.ts'

/** Subresources over which anything may come: their own rules say what is masked. */
const STREAMS: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'log', 'proxy'])

/**
 * Masks that are due on an answer. What is written comes back whole, even from a patch that changes
 * nothing, so all of the agent's column masks count for writes.
 */
export function dueMasks(
  { asked, other }: KubernetesNote,
  { verdict }: Judgement,
): readonly MaskRule[] {
  if (verdict.effect === 'deny') return []
  const { masks, wordMasks = [] } = verdict.obligations
  if (asked === undefined) return other === undefined ? [] : touching(masks, [other])
  const { subresource } = asked.info
  const streams = subresource !== undefined && STREAMS.has(subresource)
  const all = streams || READS.has(asked.verb) ? masks : [...masks, ...wordMasks]
  const object = objectOf(asked)
  return touching(all, [object, ...otherNames(object)])
}

function touching(masks: readonly MaskRule[], names: readonly ObjectPath[]): readonly MaskRule[] {
  return masks.filter((mask) => {
    return mask.type === 'detect' || names.some((name) => mask.touches?.(name) !== false)
  })
}
