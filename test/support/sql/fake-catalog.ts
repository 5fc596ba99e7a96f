import type { Classification, NameScope } from '../../../src/sql/classification.ts'
import type { Lookup, QualifiedName } from '../../../src/sql/lookup.ts'
import { CatalogScope } from '../../../src/sql/postgres/catalog/catalog.ts'
import { classify } from '../../../src/sql/postgres/classify.ts'

/** A catalog that answers look-ups as PostgreSQL does, from this file. */
type Row = readonly (string | null)[]

interface Table {
  readonly schema: string
  readonly columns: readonly string[]
  readonly kind?: string
  readonly builtin?: boolean
  readonly temporary?: boolean
  readonly rules?: string
  /** Writes to it run code that may change the session. */
  readonly code?: boolean
  readonly definition?: string
  readonly composite?: readonly string[]
  /** Computed from `note`. */
  readonly generated?: readonly string[]
  /** Row level security: the command, whether it holds for the session's role, USING, WITH CHECK. */
  readonly policies?: readonly (readonly [string, boolean, string | null, string | null])[]
}

/** As many columns as PostgreSQL allows. */
const WIDE = Array.from({ length: 1600 }, (_, index) => `c${index}`)

const CUSTOMERS = ['id', 'name', 'email', 'card', 'tags']

const TABLES: Readonly<Record<string, readonly Table[]>> = {
  customers: [{ schema: 'public', columns: CUSTOMERS }],
  orders: [
    {
      schema: 'public',
      columns: ['id', 'customer_id', 'total', 'note', 'shout'],
      generated: ['shout'],
    },
  ],
  contacts: [{ schema: 'crm', columns: ['id', 'email', 'Mixed Case'] }],
  shapes: [{ schema: 'public', columns: ['id', 'corner'], composite: ['corner'] }],
  customer_emails: [
    {
      schema: 'public',
      kind: 'v',
      columns: ['id', 'mail', 'name'],
      definition: ' SELECT id, upper(email) AS mail, name FROM customers;',
    },
  ],
  spent: [
    {
      schema: 'public',
      kind: 'v',
      columns: ['mail', 'total'],
      definition:
        ' SELECT v.mail, o.total FROM customer_emails v JOIN orders o ON o.customer_id = v.id;',
    },
  ],
  leaky_view: [
    {
      schema: 'public',
      kind: 'v',
      columns: ['x', 'id'],
      definition: ' SELECT leak(id) AS x, id FROM orders;',
    },
  ],
  kept: [
    {
      schema: 'public',
      kind: 'm',
      columns: ['email', 'n'],
      definition: ' SELECT email, count(*) AS n FROM customers GROUP BY email;',
    },
  ],
  wide: [{ schema: 'public', columns: WIDE }],
  wide_view: [
    {
      schema: 'public',
      kind: 'v',
      columns: WIDE,
      definition: ` SELECT ${WIDE.map((c) => `a.${c}`).join(', ')} FROM public.wide a;`,
    },
  ],
  walled: [
    { schema: 'public', columns: ['id', 'owner', 'n'], policies: [['r', true, 'n > 0', null]] },
  ],
  walled_writes: [
    { schema: 'public', columns: ['id', 'owner'], policies: [['a', true, null, 'owner IS NULL']] },
  ],
  walled_by_all: [
    { schema: 'public', columns: ['id', 'owner'], policies: [['*', true, 'owner IS NULL', null]] },
  ],
  walled_by_others: [
    { schema: 'public', columns: ['id', 'owner'], policies: [['*', false, 'owner IS NULL', null]] },
  ],
  walled_by_code: [
    {
      schema: 'public',
      columns: ['id', 'owner'],
      policies: [['r', true, 'leak(1) IS NULL', null]],
    },
  ],
  walled_elsewhere: [
    {
      schema: 'public',
      columns: ['id', 'owner'],
      policies: [['r', true, 'id IN (SELECT c.id FROM customers c WHERE c.email IS NULL)', null]],
    },
  ],
  walled_unreadably: [
    { schema: 'public', columns: ['id', 'owner'], policies: [['r', true, 'no such (', null]] },
  ],
  ruled: [{ schema: 'public', columns: ['id'], rules: '3' }],
  scratch: [{ schema: 'pg_temp_3', columns: ['a'], temporary: true }],
  seq: [{ schema: 'public', kind: 'S', columns: ['last_value', 'log_cnt', 'is_called'] }],
  pg_class: [{ schema: 'pg_catalog', builtin: true, columns: ['oid', 'relname', 'relkind'] }],
  pg_settings: [
    { schema: 'pg_catalog', builtin: true, kind: 'v', columns: ['name', 'setting'], rules: '22' },
  ],
  pg_stats: [
    { schema: 'pg_catalog', builtin: true, kind: 'v', columns: ['tablename', 'most_common_vals'] },
  ],
  pg_authid: [{ schema: 'pg_catalog', builtin: true, columns: ['rolname', 'rolpassword'] }],
  columns: [
    {
      schema: 'information_schema',
      builtin: true,
      kind: 'v',
      columns: ['table_name', 'column_name'],
    },
  ],
}

/** `name: kind volatility arguments return columns`; see `routine`. */
const BUILTIN = `count a i 0 b
count a i 1 b
sum a i 1 b
max a i 1 b
string_agg a i 2 b
mode a i 1 p
row_number w i 0 b
upper f i 1 b
length f i 1 b
concat f s * b
to_jsonb f s 1 b
row_to_json f s 1 b
now f s 0 b
random f v 0 b
pg_typeof f s 1 b
unnest f i 1 p
generate_series f i 2 b
json_each f i 1 p key,value
json_to_recordset f i 1 p
like_escape f i 2 b
nextval f v 1 b
setval f v 2 b
lastval f v 0 b
set_config f v 3 b
pg_notify f v 2 p
pg_sleep f v 1 p
pg_read_file f v 1 b
pg_stat_get_activity f s 1 p pid,query
lo_put f v 3 p
lo_get f v 1 b
query_to_xml f v 4 b
ts_rewrite f v 2 b
ts_rewrite f i 3 b
pg_terminate_backend f v 1 b
pg_table_size f v 1 b
format_type f s 2 b`

const SETS = new Set(['unnest', 'generate_series', 'json_each', 'json_to_recordset', 'leak_rows'])

const USERS: Readonly<Record<string, readonly string[]>> = {
  leak: ['public f s 1 b'],
  leak_rows: ['public f v 0 c'],
  pick: ['public f i 1 b'],
  run: ['public p v 1 p'],
  similarity: ['public f i 2 b extension'],
  whoami: ['pg_temp f s 0 b'],
}

/** A scope of database `sales` with search_path `public`, as it is before anything is asked. */
export function fakeScope(): CatalogScope {
  return new CatalogScope('sales')
}

const NO_NAMES: NameScope = { prepared: () => undefined, cursor: () => undefined }

/** Classifies with as many look-ups as it takes. */
export function classifyAll(
  text: string,
  scope: CatalogScope = fakeScope(),
  names: NameScope = NO_NAMES,
): Classification {
  for (let round = 0; round < 8; round++) {
    const result = classify(text, scope, names)
    if (result.type !== 'lookup') return result
    scope.learn(result.lookup, answer(result.lookup))
  }
  throw new Error('the look-ups do not end')
}

export function answer(lookup: Lookup): Row[] {
  return [
    facts(),
    ...lookup.relations.flatMap((name, index) => relationRows(name, index + 1)),
    ...lookup.routines.flatMap((name, index) => routineRows(name, index + 1)),
    ...(lookup.written ?? []).flatMap((name, index) => writeRows(name, index + 1)),
  ]
}

function facts(): Row {
  return row('f', null, {
    database: 'sales',
    schemas: ['public'],
    operators: [['===', 'public', 'same', false]],
    casts: [['mood', 'public', 'to_mood', false]],
    hiddenCode: false,
    codeOfValues: false,
    codeOfTypes: [],
    eventCode: false,
  })
}

function writeRows(name: QualifiedName, position: number): Row[] {
  return (TABLES[name.name] ?? [])
    .filter((table) => isMeant(name, table))
    .map(({ code = false }) => row('w', position, { code }))
}

function relationRows(name: QualifiedName, position: number): Row[] {
  return (TABLES[name.name] ?? [])
    .filter((table) => isMeant(name, table))
    .map((table, index) =>
      row('r', position, {
        oid: 20_000 + Object.keys(TABLES).indexOf(name.name) * 10 + index,
        schema: table.schema,
        temporary: table.temporary === true,
        builtin: table.builtin === true,
        name: name.name,
        kind: table.kind ?? 'r',
        columns: table.columns.map((column, at) => [
          column,
          at + 1,
          table.composite?.includes(column) === true,
          table.generated?.includes(column) === true ? 's' : '',
          table.generated?.includes(column) === true ? 'upper(note)' : null,
        ]),
        rules: table.rules ?? null,
        definition: table.definition ?? null,
        policies: table.policies ?? null,
      }),
    )
}

function isMeant(name: QualifiedName, table: Table): boolean {
  const visible = ['public', 'pg_catalog', 'pg_temp_3']
  if (name.schema === undefined) return visible.includes(table.schema)
  return name.schema === (table.temporary === true ? 'pg_temp' : table.schema)
}

function routineRows(name: QualifiedName, position: number): Row[] {
  const builtin = BUILTIN.split('\n')
    .filter((line) => line.startsWith(`${name.name} `))
    .map((line) => `pg_catalog${line.slice(name.name.length)}`)
  return [...builtin, ...(USERS[name.name] ?? [])]
    .filter((line) =>
      name.schema === undefined ? !line.startsWith('pg_temp') : line.startsWith(`${name.schema} `),
    )
    .map((line) => row('p', position, routine(name.name, line)))
}

function routine(name: string, line: string): object {
  const [schema, kind, volatility, count, returns, columns] = line.split(' ')
  const outs = columns === undefined || columns === 'extension' ? undefined : columns.split(',')
  return {
    schema,
    temporary: schema === 'pg_temp',
    name,
    builtin: schema === 'pg_catalog',
    extension: columns === 'extension',
    kind,
    volatility,
    arguments: count === '*' ? 1 : Number(count),
    defaults: 0,
    variadic: count === '*',
    returns,
    set: SETS.has(name),
    argumentModes: outs?.map(() => 'o') ?? null,
    argumentNames: outs ?? null,
  }
}

function row(kind: string, position: number | null, body: object): Row {
  return [kind, position === null ? null : String(position), JSON.stringify(body)]
}
