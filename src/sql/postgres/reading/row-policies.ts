import type { ObjectPath } from '../../../core/object.ts'
import type { Access } from '../../../core/operation.ts'
import type { Memo } from '../catalog/catalog.ts'
import type { Relation, RowPolicy } from '../catalog/facts.ts'
import type { Analysis } from './analysis.ts'
import { createRecord } from './record.ts'
import { readInside, relationColumns, rowItemOf, shownBy, storedFlow } from './relations.ts'
import { isUnknown, knownColumns } from './sources.ts'

/** What a relation's policies do whenever it is touched, though no statement says so. */
export interface PolicyReads {
  readonly accesses: readonly Access[]
  readonly compares: readonly ObjectPath[]
  readonly changes: readonly ('session' | 'database' | 'code')[]
}

/** A statement reads rows, which only the policies for SELECT filter, or changes or locks them. */
export type Use = 'read' | 'change'

/**
 * Row level security: the target puts the policies of a relation into every statement that touches it.
 * What they read the statement reads, and it can fail in their expressions.
 */
export function meetPolicies(a: Analysis, relation: Relation, use: Use): void {
  const touched = use === 'read' ? [relation] : [relation, ...shownBy(a, relation)]
  for (const one of touched) {
    if (one.policies.length === 0 || a.inPolicies.has(one)) continue
    // The role that names a table is the session's own; inside a view it is the view's owner.
    const named = one === relation && a.viewDepth === 0
    const { accesses, compares, changes } = readsOf(a, one, use, named)
    for (const access of accesses) a.collector.imply(access)
    for (const column of compares) a.collector.compare(column)
    for (const change of changes) a.collector.changes(change)
  }
}

/** By use, and by who names the relation. */
const READS: Memo<Map<string, PolicyReads>> = { name: 'policies' }

function readsOf(a: Analysis, relation: Relation, use: Use, named: boolean): PolicyReads {
  const key = `${use} ${named}`
  const known = a.catalog.memo(READS).get(relation)?.get(key)
  if (known !== undefined) return known
  const needed = a.needCount()
  a.inPolicies.add(relation)
  const reads = walk(a, relation, relation.policies.filter(isInForce(use, named)))
  a.inPolicies.delete(relation)
  if (a.needCount() === needed) keep(a, relation, key, reads)
  return reads
}

function keep(a: Analysis, relation: Relation, key: string, reads: PolicyReads): void {
  const all = a.catalog.memo(READS)
  const kept = all.get(relation) ?? new Map<string, PolicyReads>()
  all.set(relation, kept.set(key, reads))
}

function isInForce(use: Use, named: boolean): (policy: RowPolicy) => boolean {
  return ({ command, mine }) =>
    (mine || !named) && (use === 'change' || command === 'r' || command === '*')
}

function walk(a: Analysis, relation: Relation, policies: readonly RowPolicy[]): PolicyReads {
  const record = createRecord(a)
  const inside = a.within(record.collector)
  const item = rowItemOf(relation, relationColumns(inside, relation))
  const flows = policies
    .flatMap(({ using, check }) => [using, check])
    .filter((expression) => expression !== undefined)
    .map((expression) => storedFlow(inside, expression, item))
  const columns = [
    ...record.predicates(),
    ...flows.flatMap((flow) => (flow === undefined ? [] : knownColumns(flow))),
  ]
  const ran = record.accesses()
  const opaque = flows.includes(undefined) || ran.some(isOpaqueCall)
  const unknown = opaque || flows.some((flow) => flow !== undefined && isUnknown(flow))
  const changed = record.changes()
  const compares = [...columns, ...record.compares()]
  return {
    accesses: [
      ...ran,
      ...columns.map(readInside),
      ...(unknown ? [{ ...WHOLE, object: relation.path }] : []),
    ],
    compares: opaque ? [...compares, [a.catalog.database]] : compares,
    changes: (['session', 'database', 'code'] as const).filter((change) => changed[change]),
  }
}

const WHOLE = { action: 'sql.select', parts: 'all', grant: 'implied' } as const

/** Code that is not looked into may read anything. A setting holds what the agent has put there. */
function isOpaqueCall({ action, grant }: Access): boolean {
  return action === 'sql.execute' && grant === 'required'
}
