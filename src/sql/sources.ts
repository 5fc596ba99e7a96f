import type { ObjectPath } from '../core/object.ts'
import type { Source } from '../core/operation.ts'
import { SOURCES_MAX } from './limits.ts'

/** What flows into a value: columns, or nobody knows what. */
export type Sources = readonly Source[] | 'unknown'

export const NOTHING: Sources = []

/** The union of two flows. Where both have a column, it stays exact only if it is exact in both. */
export function merge(a: Sources, b: Sources): Sources {
  if (a === b || b.length === 0) return a
  if (a === 'unknown' || b === 'unknown') return 'unknown'
  if (a.length === 0) return b
  return a.length + b.length <= 16 ? mergeFew(a, b) : mergeMany(a, b)
}

export function mergeAll(flows: readonly Sources[]): Sources {
  return flows.reduce(merge, NOTHING)
}

/** The same columns, through an expression. */
export function derived(flow: Sources): Sources {
  if (flow === 'unknown' || !flow.some((source) => source.exact)) return flow
  return flow.map((source) => (source.exact ? { column: source.column, exact: false } : source))
}

/** Flows of the branches of a set operation: exact only where every branch passes a plain column. */
export function either(a: Sources, b: Sources): Sources {
  const merged = merge(a, b)
  return isPlain(a) && isPlain(b) ? merged : derived(merged)
}

export function sameFlow(a: Sources, b: Sources): boolean {
  if (a === 'unknown' || b === 'unknown') return a === b
  return a.length === b.length && exactCount(a) === exactCount(b)
}

function isPlain(flow: Sources): boolean {
  return flow !== 'unknown' && flow.length > 0 && flow.every((source) => source.exact)
}

function exactCount(flow: readonly Source[]): number {
  return flow.reduce((count, source) => count + (source.exact ? 1 : 0), 0)
}

function mergeFew(a: readonly Source[], b: readonly Source[]): Sources {
  const merged = [...a]
  for (const source of b) {
    const at = merged.findIndex((other) => other.column === source.column)
    if (at === -1) merged.push(source)
    else if (!source.exact) merged[at] = source
  }
  return merged
}

function mergeMany(a: readonly Source[], b: readonly Source[]): Sources {
  const byColumn = new Map<ObjectPath, Source>(a.map((source) => [source.column, source]))
  for (const source of b) {
    if (byColumn.get(source.column)?.exact !== false) byColumn.set(source.column, source)
  }
  return byColumn.size > SOURCES_MAX ? 'unknown' : [...byColumn.values()]
}
