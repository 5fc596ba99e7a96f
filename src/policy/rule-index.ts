import type { Access } from '../core/operation.ts'
import type { ColumnMask, DetectMask, MaskRule } from '../core/verdict.ts'
import type { Rule } from './compile.ts'
import { columnMasks, matchesAction, touchesObject } from './compile.ts'
import { INDEX_ENTRIES_MAX } from './limits.ts'
import { overlaps } from './pattern.ts'

/** Finds the rules that may speak of an operation without asking each of them anew. */
export interface RuleIndex {
  readonly rules: readonly Rule[]
  /** Of all rules. */
  readonly columnMasks: readonly ColumnMask[]
  /** Of all rules that speak of something that the operation touches. */
  detectMasks(accesses: readonly Access[]): readonly DetectMask[]
  /** A superset of the rules that take part, in their order. */
  relevant(accesses: readonly Access[]): readonly Rule[]
}

/**
 * Statements are many, but what they act on is few: which rules speak of an action on an object is
 * worked out once for each pair.
 */
export function indexRules(rules: readonly Rule[]): RuleIndex {
  /** Rules of nothing but texts or conditions speak of everything. */
  const always = rules.flatMap((rule, index) => (speaksOfAll(rule) ? [index] : []))
  const known = new Map<string, readonly number[]>()
  const detecting = rules.filter(({ obligations }) => detectMasks(obligations.masks).length > 0)

  function relevantTo(access: Access): readonly number[] {
    const key = [access.action, ...access.object].join('\0')
    const found = known.get(key)
    if (found !== undefined) return found
    const fresh = rules.flatMap((rule, index) => (mayTouch(rule, access) ? [index] : []))
    if (known.size >= INDEX_ENTRIES_MAX) known.clear()
    known.set(key, fresh)
    return fresh
  }

  return {
    rules,
    columnMasks: rules.flatMap(({ obligations }) => columnMasks(obligations.masks)),
    detectMasks(accesses) {
      return detecting
        .filter((rule) => accesses.some((access) => touchesObject(rule, access)))
        .flatMap(({ obligations }) => detectMasks(obligations.masks))
    },
    relevant(accesses) {
      const chosen = new Set(always)
      for (const access of accesses) for (const index of relevantTo(access)) chosen.add(index)
      return [...chosen].sort((a, b) => a - b).map((index) => rules[index]!)
    },
  }
}

function detectMasks(masks: readonly MaskRule[]): readonly DetectMask[] {
  return masks.filter((mask) => mask.type === 'detect')
}

function speaksOfAll({ actions, objects }: Rule): boolean {
  return actions === undefined && objects === undefined
}

function mayTouch(rule: Rule, { action, object }: Access): boolean {
  if (!matchesAction(rule, action)) return false
  return rule.objects?.some((pattern) => overlaps(pattern, object)) ?? true
}
