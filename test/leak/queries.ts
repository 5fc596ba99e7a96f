import type { Dice } from '../support/dice.ts'
import { MAKERS } from './other-makers.ts'
import type { Parts, Query, Source, ValueType, Visible } from './shapes.ts'
import { LITERALS, OUTPUT_TYPES } from './shapes.ts'
import { createSources } from './sources.ts'
import { createWrappings } from './wrappings.ts'

const DEPTH_MAX = 3

/** What the parts of the generator need of each other. */
export interface Workshop {
  readonly dice: Dice
  readonly happens: (percent: number) => boolean
  /** A name that nothing else has. */
  readonly name: (letter: string) => string
  /** Counts a feature. */
  readonly used: (feature: string) => void
  readonly value: (scope: Visible, type: ValueType, depth: number) => string
  readonly query: (depth: number, outer: Visible | undefined, only?: ValueType) => Query
  readonly table: () => Source
}

/** Random queries over the tables of the schema, made to run; those that fail are looked at too. */
export function createQueries(dice: Dice) {
  const counts = new Map<string, number>()
  let names = 0
  const workshop: Workshop = {
    dice,
    happens: (percent) => dice.between(0, 100) < percent,
    name: (letter) => `${letter}${++names}`,
    used: (feature) => void counts.set(feature, (counts.get(feature) ?? 0) + 1),
    value,
    query,
    table: () => sources.table(),
  }
  const sources = createSources(workshop)
  const wrappings = createWrappings(workshop)
  const { happens, name } = workshop

  function value(scope: Visible, type: ValueType, depth: number): string {
    const known = scope.columns.filter((column) => column.type === type)
    if (known.length > 0 && (depth <= 0 || happens(40))) return dice.pick(known).ref
    if (depth <= 0) return LITERALS[type]
    const maker = dice.pick(Object.keys(MAKERS[type]))
    workshop.used(`${type}.${maker}`)
    return MAKERS[type][maker]!(partsFor(scope, depth - 1))
  }

  function partsFor(scope: Visible, depth: number): Parts {
    const parts = (type: ValueType) => value(scope, type, depth)
    return Object.assign(parts, {
      any: () => value(scope, dice.pick(OUTPUT_TYPES), depth),
      row: () => (scope.rows.length > 0 ? dice.pick(scope.rows) : 'ROW(1)'),
      query: (type: ValueType) => query(depth - 1, scope, type).sql,
      from: () => sources.from(depth - 1, scope).sql,
      apart(...types: readonly ValueType[]) {
        const own = sources.table()
        return { values: types.map((type) => value(own, type, depth - 1)), from: own.sql }
      },
      below: (end: number) => dice.between(0, end),
      pick: <T>(list: readonly T[]) => dice.pick(list),
    })
  }

  function query(depth: number, outer: Visible | undefined, only?: ValueType): Query {
    const source = sources.from(depth, outer)
    const near = [...source.columns, ...source.columns]
    const scope = { columns: [...near, ...(outer?.columns ?? [])], rows: source.rows }
    const types = only === undefined ? outputTypes() : [only]
    const columns = types.map((type) => ({ name: name('o'), type }))
    const list = columns.map((column) => `${output(scope, column.type, depth)} AS ${column.name}`)
    const where = happens(15) ? ` WHERE ${value(scope, 'bool', depth - 1)}` : ''
    const plain = `SELECT ${list.join(', ')} FROM ${source.sql}${where}`
    return { sql: wrappings.wrap(plain, columns, depth), columns }
  }

  function outputTypes(): ValueType[] {
    return Array.from({ length: dice.between(1, 4) }, () => dice.pick(OUTPUT_TYPES))
  }

  function output(scope: Visible, type: ValueType, depth: number): string {
    const inner = value(scope, type, depth)
    if (type !== 'text' || !happens(10)) return inner
    workshop.used('window')
    const key = happens(50) ? `ORDER BY ${value(scope, 'text', 0)}` : ''
    return `${dice.pick(['max', 'min', 'first_value', 'lag'])}(${inner}) OVER (${key})`
  }

  return {
    next: () => query(dice.between(1, DEPTH_MAX + 1), undefined),
    /** How often each feature was used. */
    counts: counts as ReadonlyMap<string, number>,
  }
}
