import type { Workshop } from './queries.ts'
import type { OutputColumn, ValueType } from './shapes.ts'

type Wrapping = (plain: string, columns: readonly OutputColumn[], depth: number) => string

const SHARE_PERCENT = 30

export const WRAPPINGS = [
  'common',
  'recursive',
  'set',
  'grouped',
  'distinct',
  'sorted',
  'limited',
  'beside',
] as const

/** Types that `max` takes. */
const ORDERED: ReadonlySet<ValueType> = new Set(['text', 'int', 'texts'])

/** What stands around a plain SELECT: common tables, set operations, grouping, sorting, limits. */
export function createWrappings({ dice, happens, name, used, value, table }: Workshop) {
  const listed = (columns: readonly OutputColumn[]) => columns.map((one) => one.name).join(', ')

  const wrappings: Readonly<Record<(typeof WRAPPINGS)[number], Wrapping>> = {
    common(plain) {
      const alias = name('w')
      return `WITH ${alias} AS ${dice.pick(['', 'MATERIALIZED '])}(${plain}) SELECT * FROM ${alias}`
    },
    recursive(plain, columns) {
      const alias = name('w')
      const names = listed(columns)
      return (
        `WITH RECURSIVE ${alias}(${names}, turn) AS (` +
        `SELECT *, 1 FROM (${plain}) ${name('d')} ` +
        `UNION ALL SELECT ${names}, turn + 1 FROM ${alias} WHERE turn < 2) ` +
        `SELECT ${names} FROM ${alias}`
      )
    },
    set(plain, columns, depth) {
      const inner = table()
      const others = columns.map((column) => value(inner, column.type, depth - 1))
      const operator = dice.pick(['UNION ALL', 'UNION', 'EXCEPT', 'INTERSECT ALL'])
      used(operator)
      return `${plain} ${operator} SELECT ${others.join(', ')} FROM ${inner.sql}`
    },
    grouped(plain, columns) {
      if (!columns.every(({ type }) => ORDERED.has(type))) return plain
      const [key, ...others] = columns.map((column) => column.name)
      const list = [key, ...others.map((one) => `max(${one}) AS ${one}`)].join(', ')
      const having = happens(30) ? ` HAVING max(${key}::text) > 'k'` : ''
      return `SELECT ${list} FROM (${plain}) ${name('d')} GROUP BY ${key}${having}`
    },
    distinct: (plain, columns) => `SELECT DISTINCT ${listed(columns)} FROM (${plain}) ${name('d')}`,
    sorted: (plain) => `SELECT * FROM (${plain}) ${name('d')} ORDER BY 1`,
    limited(plain, _, depth) {
      const inner = table()
      const count = `(SELECT abs(${value(inner, 'int', depth - 1)} % 3) FROM ${inner.sql} LIMIT 1)`
      return `SELECT * FROM (${plain}) ${name('d')} LIMIT ${count}`
    },
    beside(plain, columns) {
      const [rows, alias] = [name('v'), name('l')]
      const values = `(VALUES (1), (2)) ${rows}(n)`
      return `SELECT ${alias}.* FROM ${values}, LATERAL (${plain}) AS ${alias}(${listed(columns)})`
    },
  }

  return {
    wrap(plain: string, columns: readonly OutputColumn[], depth: number): string {
      if (!happens(SHARE_PERCENT)) return plain
      const kind = dice.pick(WRAPPINGS)
      used(`wrapped.${kind}`)
      return wrappings[kind](plain, columns, depth)
    },
  }
}
