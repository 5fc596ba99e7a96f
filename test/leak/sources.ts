import type { Workshop } from './queries.ts'
import { TABLES } from './schema.ts'
import type { Source, ValueType, Visible } from './shapes.ts'

type Made = readonly [sql: string, column: string, type: ValueType]

/** Functions in FROM, called with values of what stands before them. */
export const FROM_FUNCTIONS: Readonly<
  Record<string, (alias: string, value: (type: ValueType) => string, row: string) => Made>
> = {
  split: (f, v) => [`regexp_split_to_table(${v('text')}, 'e') ${f}`, f, 'text'],
  unnest: (f, v) => [`unnest(${v('texts')}) ${f}(u)`, `${f}.u`, 'text'],
  each: (f, _, row) => [`jsonb_each_text(to_jsonb(${row})) ${f}`, `${f}.value`, 'text'],
  series: (f, v) => [`generate_series(1, ${v('int')} % 5) ${f}`, f, 'int'],
  record: (f, _, row) => [
    `jsonb_to_record(to_jsonb(${row})) AS ${f}(email text, name text)`,
    `${f}.email`,
    'text',
  ],
  populated: (f, _, row) => [
    `jsonb_populate_record(NULL::people, to_jsonb(${row})) ${f}`,
    `${f}.email`,
    'text',
  ],
  rowsFrom: (f, v) => [
    `ROWS FROM (string_to_table(${v('text')}, 'e'), generate_series(1, 2)) ${f}(p, q)`,
    `${f}.p`,
    'text',
  ],
  numbered: (f, v) => [
    `string_to_table(${v('text')}, '.') WITH ORDINALITY ${f}(p, n)`,
    `${f}.p`,
    'text',
  ],
  matches: (f, v) => [`regexp_matches(${v('text')}, '(.)(.)', 'g') ${f}(m)`, `${f}.m`, 'texts'],
  xml: (f, v) => [
    `XMLTABLE('/x' PASSING xmlelement(name x, ${v('text')}) COLUMNS p text PATH '.') ${f}`,
    `${f}.p`,
    'text',
  ],
  own: (f) => [`secrets() ${f}`, `${f}.b`, 'text'],
}

/** FROM clauses: tables, sub-queries, functions and joins. */
export function createSources({ dice, happens, name, used, value, query }: Workshop) {
  function table(): Source {
    const relation = dice.pick(Object.keys(TABLES))
    const alias = name('t')
    const columns = Object.entries(TABLES[relation]!)
    used(`table.${relation}`)
    const renamed = happens(20) ? columns.map(() => name('c')) : undefined
    if (renamed !== undefined) used('renamed columns')
    return {
      sql: renamed ? `${relation} AS ${alias}(${renamed.join(', ')})` : `${relation} ${alias}`,
      columns: columns.map(([column, type], index) => ({
        ref: `${alias}.${renamed?.[index] ?? column}`,
        type,
      })),
      rows: [alias],
    }
  }

  function item(depth: number, outer: Visible | undefined): Source {
    if (depth <= 0 || happens(50)) return table()
    if (happens(20)) return functions(depth, outer)
    const alias = name('s')
    const inner = query(depth - 1, happens(50) ? outer : undefined)
    used(outer === undefined ? 'sub-query' : 'lateral')
    return {
      sql: `${outer === undefined ? '' : 'LATERAL '}(${inner.sql}) ${alias}`,
      columns: inner.columns.map((column) => ({ ...column, ref: `${alias}.${column.name}` })),
      rows: [alias],
    }
  }

  /** A function, beside a table that it reads where nothing else stands before it. */
  function functions(depth: number, outer: Visible | undefined): Source {
    const own = outer === undefined || outer.rows.length === 0 ? table() : undefined
    const visible = own ?? outer!
    const alias = name('f')
    const kind = dice.pick(Object.keys(FROM_FUNCTIONS))
    used(`from.${kind}`)
    const [sql, ref, type] = FROM_FUNCTIONS[kind]!(
      alias,
      (wanted) => value(visible, wanted, depth - 1),
      dice.pick(visible.rows),
    )
    if (own === undefined) return { sql, columns: [{ ref, type }], rows: [] }
    return {
      sql: `${own.sql} CROSS JOIN ${sql}`,
      columns: [...own.columns, { ref, type }],
      rows: own.rows,
    }
  }

  /** Two tables whose columns of the same name are compared; `id` is in all of them. */
  function merged(): Source {
    const [left, right] = [table(), table()].map((one) => ({ ...one, ref: one.rows[0]! }))
    const plain = [left!, right!].every(({ sql }) => !sql.includes(' AS '))
    if (!plain) return left!
    const natural = happens(30)
    used(natural ? 'natural join' : 'using')
    return {
      sql: natural
        ? `${left!.sql} NATURAL JOIN ${right!.sql}`
        : `${left!.sql} ${dice.pick(['JOIN', 'FULL JOIN'])} ${right!.sql} USING (id)`,
      columns: [...left!.columns, ...right!.columns],
      rows: [...left!.rows, ...right!.rows],
    }
  }

  function from(depth: number, outer: Visible | undefined): Source {
    if (depth > 0 && happens(10)) return merged()
    const first = item(depth, outer)
    if (depth <= 0 || happens(50)) return first
    const second = item(depth, first)
    const columns = [...first.columns, ...second.columns]
    const rows = [...first.rows, ...second.rows]
    const kind = dice.pick(['JOIN', 'LEFT JOIN', 'CROSS JOIN'])
    used(kind)
    const condition = () => ` ON ${value({ columns, rows }, 'bool', depth - 1)}`
    const sql = `${first.sql} ${kind} ${second.sql}${kind === 'CROSS JOIN' ? '' : condition()}`
    return { sql, columns, rows }
  }

  return { table, from }
}
