import type { ObjectPath } from '../../../core/object.ts'
import type { Access, Copy, Unseen } from '../../../core/operation.ts'
import { isHarmless } from '../catalog/system-relations.ts'
import type { Budget } from '../parse/budget.ts'
import type { Collector } from './analysis.ts'
import type { Sources } from './sources.ts'
import { holdsAnything, isUnknown, knownColumns, mergeAll, UNKNOWN } from './sources.ts'

interface Found {
  readonly action: string
  readonly object: ObjectPath
  readonly grant: Access['grant']
  parts: Set<string> | 'all' | undefined
}

export interface Changes {
  readonly session: boolean
  readonly database: boolean
  readonly code: boolean
}

/** What a walk has found. */
export interface Record {
  readonly collector: Collector
  accesses(): Access[]
  predicates(): ObjectPath[]
  compares(): ObjectPath[]
  copies(): Copy[]
  takes(): ObjectPath[]
  unseen(): Unseen[]
  unbounded(): boolean
  changes(): Changes
  /** Names that it takes the catalog to understand. */
  resolved(): ReadonlySet<string>
  /** Something new goes where the search path says. */
  placed(): boolean
}

/** Above every column. */
const ANYWHERE: ObjectPath = []

export function createRecord(budget: Budget): Record {
  const found = new Map<string, Found>()
  const predicates: Sources[] = []
  const computed: Sources[] = []
  const compares = new Map<string, ObjectPath>()
  const copies = new Map<string, Copy>()
  const takes = new Map<string, ObjectPath>()
  const changes = { session: false, database: false, code: false }
  const resolved = new Set<string>()
  const unseen = new Set<Unseen>()
  let unbounded = false
  let placed = false
  let last: Found | undefined

  function entry(action: string, object: ObjectPath, grant: Access['grant']): Found {
    // A name is put together and looked for, which is more than a visit.
    budget.charge(4)
    // Columns of one relation come one after another.
    if (last?.object === object && last.action === action && last.grant === grant) return last
    const key = `${grant}\0${action}\0${object.join('\0')}`
    last = found.get(key)
    if (last !== undefined) return last
    last = { action, object, grant, parts: undefined }
    found.set(key, last)
    return last
  }

  function add(access: Access, grant: Access['grant']): void {
    const kept = entry(access.action, access.object, grant)
    if (access.parts === 'all') kept.parts = 'all'
    else if (access.parts !== undefined) {
      budget.charge(access.parts.length)
      kept.parts ??= new Set()
      for (const part of access.parts) addPart(kept, part)
    }
  }

  function put(from: Sources, to: ObjectPath, defined: true | undefined): void {
    const anything = defined ?? (holdsAnything(from) || undefined)
    const mark = anything === undefined ? {} : { defined: anything }
    const place = `${defined === undefined ? '' : '\0'}\0\0${to.join('\0')}`
    if (isUnknown(from)) copies.set(place, { from: 'unknown', to, ...mark })
    budget.charge(4 * from.length)
    for (const { column, exact } of from) {
      if (isUnknown([{ column, exact }])) continue
      // A column that is put back as it was stays what it is.
      if (exact && samePath(column, to)) continue
      copies.set(`${column.join('\0')}${place}`, { from: column, to, ...mark })
    }
  }

  const collector: Collector = {
    access(action, object, grant, parts) {
      const access = entry(action, object, grant)
      if (parts !== undefined) access.parts = parts
    },
    imply: (access) => add(access, 'implied'),
    absorb(operation) {
      for (const access of operation.accesses) add(access, access.grant)
      budget.charge(operation.predicates.length)
      predicates.push(operation.predicates.map((column) => ({ column, exact: false })))
      for (const column of operation.compares ?? []) collector.compare(column)
      for (const { from, to, defined } of operation.copies ?? []) {
        put(from === 'unknown' ? UNKNOWN : [{ column: from, exact: false }], to, defined)
      }
      for (const object of operation.takes ?? []) collector.take(object)
      for (const what of operation.facts.unseen ?? []) unseen.add(what)
      if (!operation.facts.hasWhere) unbounded = true
    },
    touch(action, relation, name, grant) {
      const free = action === 'sql.select' && isHarmless(relation)
      const access = entry(action, relation.path, grant ?? (free ? 'implied' : 'required'))
      touchParts(access, name)
      // What is done to a part is done to the whole, and the other way round.
      for (const other of [...relation.ancestors, ...relation.parts]) {
        touchParts(entry(action, other, 'implied'), name)
      }
    },
    predicate(sources) {
      if (sources.length > 0) predicates.push(sources)
    },
    computed(sources) {
      if (sources.length > 0) computed.push(sources)
    },
    compare(column) {
      budget.charge(2)
      compares.set(column.join('\0'), column)
    },
    predicateMark: () => predicates.length,
    predicatesSince: (mark) => mergeAll(budget, predicates.slice(mark)),
    copy: (from, to) => put(from, to, undefined),
    take: (object) => void takes.set(object.join('\0'), object),
    define: (from, to) => put(from, to, true),
    unseen: (what) => void unseen.add(what),
    unbounded() {
      unbounded = true
    },
    resolved(name) {
      resolved.add(name)
    },
    placed() {
      placed = true
    },
    changes(what) {
      changes[what] = true
      if (what === 'code') unseen.add(what)
    },
  }

  return {
    collector,
    accesses: () => [...found.values()].map(freeze),
    predicates: () => knownColumns(mergeAll(budget, [...predicates, ...computed])),
    compares: () =>
      predicates.some(holdsAnything) ? [...compares.values(), ANYWHERE] : [...compares.values()],
    copies: () => [...copies.values()],
    takes: () => [...takes.values()],
    unseen: () => [...unseen].sort(),
    unbounded: () => unbounded,
    changes: () => changes,
    resolved: () => resolved,
    placed: () => placed,
  }
}

/** Accesses that have columns even when none is touched. */
const HAS_PARTS = new Set(['sql.select', 'sql.insert', 'sql.update'])

function touchParts(access: Found, name: string | undefined): void {
  if (name !== undefined) addPart(access, name)
  else if (HAS_PARTS.has(access.action)) access.parts ??= new Set()
}

function addPart(access: Found, part: string): void {
  if (access.parts === 'all') return
  access.parts ??= new Set()
  access.parts.add(part)
}

function freeze({ action, object, grant, parts }: Found): Access {
  if (parts === undefined) return { action, object, grant }
  return { action, object, grant, parts: parts === 'all' ? parts : [...parts] }
}

function samePath(a: ObjectPath, b: ObjectPath): boolean {
  return a === b || (a.length === b.length && a.every((segment, index) => segment === b[index]))
}
