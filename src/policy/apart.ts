import type { ObjectPath } from '../core/object.ts'
import type { Policy, Rule } from './compile.ts'
import type { Pattern } from './pattern.ts'
import { overlaps, parsePattern } from './pattern.ts'

/**
 * Whether any rule asks more of the part than of the whole that shows its rows (a partition, a child
 * table): it denies, holds, limits or masks something in the one, by a pattern that leaves out the
 * other. Most wholes have parts of which nothing of their own is said; only what is told apart need
 * be named in an operation.
 */
export function tellsApart(
  policies: readonly Policy[],
): (part: ObjectPath, whole: ObjectPath) => boolean {
  const patterns = policies.flatMap(({ rules }) => rules.flatMap(demanding))
  return (part, whole) =>
    patterns.some((pattern) => overlaps(pattern, part) && !overlaps(pattern, whole))
}

/** The patterns by which a rule does more than to allow. */
function demanding({ effect, objects = [], obligations, document }: Rule): readonly Pattern[] {
  const columns = (document.mask ?? []).flatMap((mask) => ('columns' in mask ? mask.columns : []))
  const masked = columns.map(parsePattern).filter((pattern) => typeof pattern !== 'string')
  const { masks, maxRows } = obligations
  const plain = effect === 'allow' && masks.length === 0 && maxRows === undefined
  return plain ? [] : [...objects, ...masked]
}
