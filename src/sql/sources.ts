import type { ObjectPath } from '../core/object.ts'
import type { Output, Source } from '../core/operation.ts'
import { SOURCES_MAX } from './limits.ts'
import { refuse } from './refuse.ts'

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
export function merge(a: Sources, b: Sources): Sources {
  if (a === b || b.length === 0) return a
  if (a.length === 0) return b
  return a.length + b.length <= 16 ? mergeFew(a, b) : mergeMany(a, b)
}

export function mergeAll(flows: readonly Sources[]): Sources {
  return flows.reduce(merge, NOTHING)
}

/** The same columns, through an expression. */
export function derived(flow: Sources): Sources {
  if (!flow.some((source) => source.exact)) return flow
  return flow.map((source) => (source.exact ? { column: source.column, exact: false } : source))
}

/** Those that go through an expression. */
export function onlyDerived(flow: Sources): Sources {
  return flow.filter((source) => !source.exact)
}

/** Flows of the branches of a set operation: exact only where every branch passes a plain column. */
export function either(a: Sources, b: Sources): Sources {
  const merged = merge(a, b)
  return isPlain(a) && isPlain(b) ? merged : derived(merged)
}

export function sameFlow(a: Sources, b: Sources): boolean {
  return a.length === b.length && exactCount(a) === exactCount(b)
}

function isPlain(flow: Sources): boolean {
  return flow.length > 0 && flow.every((source) => source.exact)
}

function exactCount(flow: Sources): number {
  return flow.reduce((count, source) => count + (source.exact ? 1 : 0), 0)
}

function mergeFew(a: Sources, b: Sources): Sources {
  const merged = [...a]
  for (const source of b) {
    const at = merged.findIndex((other) => other.column === source.column)
    if (at === -1) merged.push(source)
    else if (!source.exact) merged[at] = source
  }
  return merged
}

function mergeMany(a: Sources, b: Sources): Sources {
  const byColumn = new Map<ObjectPath, Source>(a.map((source) => [source.column, source]))
  for (const source of b) {
    if (byColumn.get(source.column)?.exact !== false) byColumn.set(source.column, source)
  }
  if (byColumn.size > SOURCES_MAX) {
    return refuse('SQL_TOO_LARGE', 'Too many columns flow into one value.', 'Select fewer columns.')
  }
  return [...byColumn.values()]
}
