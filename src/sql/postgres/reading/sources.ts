import type { ObjectPath } from '../../../core/object.ts'
import type { Output, Source } from '../../../core/operation.ts'
import { refuse } from '../../refuse.ts'
import type { Budget } from '../parse/budget.ts'
import { SOURCES_MAX } from '../parse/limits.ts'

/** What flows into a value: columns, and perhaps more that nobody knows (`UNKNOWN`). */
export type Sources = readonly Source[]

export const NOTHING: Sources = []

const UNKNOWN_COLUMN: ObjectPath = []

/** Something that cannot be traced. It stays beside the columns that are known. */
export const UNKNOWN: Sources = [{ column: UNKNOWN_COLUMN, exact: false }]

const ANY_COLUMN: ObjectPath = []

/** It may hold values of any column: the server's own copies of data. All of the agent's masks count. */
export const ANYTHING: Sources = [{ column: ANY_COLUMN, exact: false }]

export function isUnknown(flow: Sources): boolean {
  return flow.some(isUnknownSource)
}

export function holdsAnything(flow: Sources): boolean {
  return flow.some((source) => source.column === ANY_COLUMN)
}

function isUnknownSource({ column }: Source): boolean {
  return column === UNKNOWN_COLUMN || column === ANY_COLUMN
}

/** The columns of a flow that are known. */
export function knownColumns(flow: Sources): ObjectPath[] {
  return flow.flatMap((source) => (isUnknownSource(source) ? [] : [source.column]))
}

export function outputOf(name: string, flow: Sources): Output {
  if (holdsAnything(flow)) return { name, sources: 'unknown', anything: true }
  return { name, sources: isUnknown(flow) ? 'unknown' : flow }
}

export function sourcesOf({ sources, anything }: Output): Sources {
  if (anything === true) return ANYTHING
  return sources === 'unknown' ? UNKNOWN : sources
}

/** The union of two flows. Where both have a column, it stays exact only if it is exact in both. */
export function merge(budget: Budget, a: Sources, b: Sources): Sources {
  if (a === b || b.length === 0) return a
  if (a.length === 0) return b
  budget.charge(a.length + b.length)
  return a.length + b.length <= FEW ? mergeFew(a, b) : mergeMany([a, b])
}

/** The union of any number of flows, for what all of them together hold. */
export function mergeAll(budget: Budget, flows: readonly Sources[]): Sources {
  budget.charge(flows.length)
  const some = new Set(flows)
  some.delete(NOTHING)
  if (some.size <= 2) {
    const [first = NOTHING, second = NOTHING] = some
    return merge(budget, first, second)
  }
  let length = 0
  for (const flow of some) length += flow.length
  budget.charge(length)
  return mergeMany(some)
}

/** The same columns, through an expression. */
export function derived(budget: Budget, flow: Sources): Sources {
  budget.charge(flow.length)
  if (!flow.some((source) => source.exact)) return flow
  return flow.map((source) => (source.exact ? { column: source.column, exact: false } : source))
}

/** Those that go through an expression. */
export function onlyDerived(budget: Budget, flow: Sources): Sources {
  budget.charge(flow.length)
  return flow.filter((source) => !source.exact)
}

/** Flows of the branches of a set operation: exact only where every branch passes a plain column. */
export function either(budget: Budget, a: Sources, b: Sources): Sources {
  const merged = merge(budget, a, b)
  budget.charge(a.length + b.length)
  return isPlain(a) && isPlain(b) ? merged : derived(budget, merged)
}

export function sameFlow(budget: Budget, a: Sources, b: Sources): boolean {
  budget.charge(a.length)
  return a.length === b.length && exactCount(a) === exactCount(b)
}

function isPlain(flow: Sources): boolean {
  return flow.length > 0 && flow.every((source) => source.exact)
}

function exactCount(flow: Sources): number {
  return flow.reduce((count, source) => count + (source.exact ? 1 : 0), 0)
}

/** Up to here a list is searched faster than a table of it is made. */
const FEW = 16

function mergeFew(a: Sources, b: Sources): Sources {
  const merged = [...a]
  for (const source of b) {
    const at = merged.findIndex((other) => other.column === source.column)
    if (at === -1) merged.push(source)
    else if (!source.exact) merged[at] = source
  }
  return merged
}

function mergeMany(flows: Iterable<Sources>): Sources {
  const byColumn = new Map<ObjectPath, Source>()
  for (const flow of flows) {
    for (const source of flow) {
      if (byColumn.get(source.column)?.exact !== false) byColumn.set(source.column, source)
    }
  }
  if (byColumn.size > SOURCES_MAX) {
    return refuse('SQL_TOO_LARGE', 'Too many columns flow into one value.', 'Select fewer columns.')
  }
  return [...byColumn.values()]
}
