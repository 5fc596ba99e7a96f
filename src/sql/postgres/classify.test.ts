import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCases } from '../../../test/support/sql/cases.ts'
import { describe, factsOf } from '../../../test/support/sql/describe.ts'
import { answer, classifyAll, fakeScope } from '../../../test/support/sql/fake-catalog.ts'
import type { Operation, Output } from '../../core/operation.ts'
import type { Classification, Classified, NameScope } from '../classification.ts'
import { CatalogScope } from './catalog/catalog.ts'
import { classify } from './classify.ts'
import { LOOKUP_NAMES_MAX } from './parse/limits.ts'

const NO_NAMES: NameScope = { prepared: () => undefined, cursor: () => undefined }

function trimmed(description: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(description).map(([key, value]) => [key, String(value).trim()]),
  )
}

for (const name of ['select', 'modify', 'utility', 'unknown']) {
  test(`statements: ${name}`, async (t) => {
    const cases = readCases(name)
    assert.ok(cases.length > 35, 'the cases were found')
    for (const { sql, expected } of cases) {
      await t.test(sql === '' ? 'an empty text' : sql, () => {
        assert.deepEqual(trimmed(describe(classifyAll(sql))), trimmed(expected))
      })
    }
  })
}

function operation(sql: string): Operation {
  const result = classifyAll(sql)
  assert.ok(result.type === 'classified', `${sql} is ${JSON.stringify(result)}`)
  return result.operation
}

function classified(sql: string, names?: NameScope): Classified {
  const result = classifyAll(sql, fakeScope(), names)
  assert.ok(result.type === 'classified', `${sql} is ${JSON.stringify(result)}`)
  return result
}

test('facts say what takes part and is not there to be read', () => {
  const unseen = (sql: string) => operation(sql).facts.unseen
  assert.equal(unseen('insert into customers select * from customers'), undefined)
  assert.equal(unseen('copy customers to stdout'), undefined)
  assert.equal(unseen('select lower(email) from customers'), undefined)
  assert.deepEqual(unseen('copy customers from stdin'), ['data'])
  assert.deepEqual(unseen("copy customers from '/tmp/x'"), ['data'])
  assert.deepEqual(unseen('select leak(1)'), ['code'])
  assert.deepEqual(unseen('do $$ begin end $$'), ['code'])
  assert.deepEqual(unseen('begin; copy customers from stdin; do $$ begin end $$'), ['code', 'data'])
})

test('what a statement takes away from under other sessions is said, and nothing else', () => {
  const takes = (sql: string) => operation(sql).takes?.map((path) => path.slice(1).join('.'))
  assert.deepEqual(takes('drop table customers, orders'), ['public.customers', 'public.orders'])
  assert.deepEqual(takes('drop view vip'), ['public.vip'])
  assert.deepEqual(takes('alter table customers rename to clients'), ['public.customers'])
  assert.deepEqual(takes('alter table customers set schema crm'), ['public.customers'])
  assert.deepEqual(takes('drop table customers; select 1'), ['public.customers'])
  for (const sql of [
    'drop trigger t on customers',
    'drop rule r on customers',
    'drop policy p on customers',
    'alter table customers add column more int',
    'truncate customers',
    'delete from customers',
    'select id from customers',
  ]) {
    assert.equal(takes(sql), undefined, sql)
  }
})

test('a statement may ask for so many names, and for none more', () => {
  const ask = (names: number): Classification => {
    const tables = Array.from({ length: names }, (_, i) => `t${i} x${i}`)
    return classify(`select 1 from ${tables.join(', ')}`, fakeScope(), NO_NAMES)
  }
  const most = ask(LOOKUP_NAMES_MAX)
  assert.ok(most.type === 'lookup')
  assert.equal(most.lookup.relations.length, LOOKUP_NAMES_MAX)
  const more = ask(LOOKUP_NAMES_MAX + 1)
  assert.equal(more.type === 'refused' && more.denial.code, 'SQL_TOO_LARGE')
})

test('facts say what only reads and what has no WHERE', () => {
  const facts = (sql: string) => factsOf(operation(sql))
  assert.equal(facts('select * from customers'), 'reads')
  assert.equal(facts('begin; select 1; commit'), 'reads')
  assert.equal(facts('select leak(1)'), 'writes')
  assert.equal(facts('select 1 from customers for update'), 'writes')
  assert.equal(facts('delete from orders where id = 1'), 'writes')
  assert.equal(facts('delete from orders'), 'writes without WHERE')
  assert.equal(facts('with x as (update orders set id = 1) select 1'), 'writes without WHERE')
  assert.equal(facts('truncate orders'), 'writes without WHERE')
  assert.equal(operation('select 1; select 2').facts.statements, 2)
})

test('statements that differ in literals have one fingerprint', () => {
  const print = (sql: string) => operation(sql).fingerprint
  assert.equal(print('select 1 from customers'), print("SELECT 'x' FROM customers -- other"))
  assert.notEqual(print('select id from customers'), print('select name from customers'))
})

test('the ends of a transaction need nothing of the catalog, which a failed one does not tell', () => {
  const nothingKnown = new CatalogScope('sales')
  const ends = ['rollback', 'rollback to a', 'commit', 'rollback; begin']
  for (const sql of [
    ...ends,
    'set transaction read only',
    'set session characteristics as transaction read only',
  ]) {
    assert.equal(classify(sql, nothingKnown, NO_NAMES).type, 'classified', sql)
  }
  for (const sql of [
    'select 1',
    'rollback; select 1',
    'begin',
    'start transaction',
    'set role a',
  ]) {
    assert.equal(classify(sql, nothingKnown, NO_NAMES).type, 'lookup', sql)
  }
})

test('a long text has a short kind', () => {
  assert.equal(
    operation('select 1;'.repeat(20)).kind,
    `${Array(8).fill('SELECT').join('; ')}; and 12 more`,
  )
})

test('passwords and connection strings are hidden, the rest of the text is not', () => {
  const hidden = (sql: string) => operation(sql).textWithoutSecrets
  assert.equal(
    hidden("/* é */ create role boss password 'hunter2' -- x"),
    "/* é */ create role boss password '***' -- x",
  )
  assert.equal(
    hidden('create subscription s connection $$host=x password=y$$ publication p'),
    "create subscription s connection '***' publication p",
  )
  assert.equal(
    hidden("select 1; alter user boss password E'hunter\\'2'"),
    "select 1; alter user boss password '***'",
  )
  assert.equal(hidden("select 'hunter2' from customers"), undefined)
})

test('nothing else is hidden by what stands beside a secret, or looks like one', () => {
  const shown = (sql: string) => {
    const { textWithoutSecrets, facts } = operation(sql)
    return [textWithoutSecrets ?? sql, facts.hidden]
  }
  const remark = "delete from customers where email = 'a' -- dblink('x')"
  assert.deepEqual(shown(remark), [remark, undefined])
  const named = "select 'a' as dblink, email from customers where email = 'b'"
  assert.deepEqual(shown(named), [named, undefined])
  assert.deepEqual(shown("delete from customers where email = 'a'; alter role boss password 'p'"), [
    "delete from customers where email = 'a'; alter role boss password '***'",
    1,
  ])
  const setting = "alter system set work_mem = '1GB'"
  assert.deepEqual(shown(setting), [setting, undefined])
  assert.deepEqual(shown("alter system set primary_conninfo = 'password=x'")[1], 1)
})

test('a call of dblink hides its constants', () => {
  const scope = fakeScope()
  const lookup = { relations: [], routines: [{ name: 'dblink' }] }
  const body = {
    schema: 'public',
    name: 'dblink',
    builtin: false,
    extension: true,
    kind: 'f',
    volatility: 'v',
    arguments: 2,
    defaults: 0,
    variadic: false,
    returns: 'p',
  }
  scope.learn(lookup, [...answer(lookup), ['p', '1', JSON.stringify(body)]])
  const result = classifyAll("select * from dblink('password=x', 'select 1') as t (a int)", scope)
  assert.ok(result.type === 'classified')
  assert.equal(
    result.operation.textWithoutSecrets,
    "select * from dblink('***', '***') as t (a int)",
  )
  assert.deepEqual(result.operation.results, [[{ name: 'a', sources: 'unknown' }]])
})

test('a look-up asks for all names at once, and for nothing twice', () => {
  const scope = fakeScope()
  const sql = 'select upper(mail), total from spent join crm.contacts using (email)'
  const first = classify(sql, scope, NO_NAMES)
  assert.ok(first.type === 'lookup')
  assert.deepEqual(first.lookup, {
    relations: [{ name: 'spent' }, { schema: 'crm', name: 'contacts' }],
    routines: [{ name: 'upper' }],
  })
  scope.learn(first.lookup, answer(first.lookup))
  const second = classify(sql, scope, NO_NAMES)
  assert.ok(second.type === 'lookup')
  assert.deepEqual(second.lookup, {
    relations: [{ name: 'customer_emails' }, { name: 'orders' }],
    routines: [],
  })
})

test('a statement without names still asks for operators and casts of users', () => {
  const scope = fakeScope()
  const result = classify('select 1 + 1', scope, NO_NAMES)
  assert.deepEqual(result, { type: 'lookup', lookup: { relations: [], routines: [] } })
})

test('EXECUTE and FETCH do what their names stand for', () => {
  const query = classified('select email from customers where id = $1')
  const names: NameScope = {
    prepared: (name) => (name === 'p' ? query : undefined),
    cursor: (name) => (name === 'c' ? query : undefined),
  }
  for (const sql of ['execute p (1)', 'fetch c', 'fetch all from c', 'explain execute p (1)']) {
    const { accesses, predicates } = classified(sql, names).operation
    assert.deepEqual(accesses, query.operation.accesses, sql)
    assert.deepEqual(predicates, query.operation.predicates, sql)
  }
  assert.deepEqual(classified('execute p (1)', names).operation.results, query.operation.results)
  assert.deepEqual(classified('fetch c', names).operation.results, query.operation.results)
  assert.deepEqual(classified('create table t as execute p (1)', names).operation.copies, [
    { from: ['sales', 'public', 'customers', 'email'], to: ['sales', 'public', 't', 'email'] },
  ])
  assert.equal(describe(classifyAll('execute q', fakeScope(), names)).refused, 'SQL_UNRESOLVED')
})

test('COPY tells how its stream is written', () => {
  const stream = (sql: string) => classified(sql).statements[0]?.copy
  const text = {
    direction: 'out',
    format: 'text',
    delimiter: '\t',
    nullText: '\\N',
    header: false,
    quote: '"',
    escape: '"',
  }
  assert.deepEqual(stream('copy customers to stdout'), text)
  assert.deepEqual(stream('copy customers to stdout binary'), { ...text, format: 'binary' })
  assert.deepEqual(
    stream(`copy orders from stdin (format csv, header match, quote '''', null 'NIL')`),
    {
      direction: 'in',
      format: 'csv',
      delimiter: ',',
      nullText: 'NIL',
      header: true,
      quote: "'",
      escape: "'",
      readsInto: 'orders',
    },
  )
  for (const option of ["default 'x'", 'on_error ignore']) {
    const copy = stream(`copy orders from stdin (${option})`)
    assert.equal(copy?.direction, 'in')
    assert.equal(copy.readsInto, undefined)
  }
  assert.deepEqual(stream("copy customers to stdout csv header delimiter ';'"), {
    ...text,
    format: 'csv',
    delimiter: ';',
    nullText: '',
    header: true,
  })
  assert.equal(stream('copy customers to stdout (format csv, header off)')?.header, false)
  assert.equal(stream("copy customers to '/tmp/x'"), undefined)
  for (const option of ['delimiter 5', 'delimiter *', 'quote (x)', 'null 1.5', 'format (csv)']) {
    const sql = `copy customers to stdout (format csv, ${option})`
    assert.equal(describe(classifyAll(sql)).refused, 'SQL_UNSUPPORTED', option)
  }
})

test('a declared cursor carries its own query', () => {
  const effects = classified('declare c cursor for select email from customers').statements[0]
  const effect = effects?.effects[0]
  assert.ok(effect?.type === 'declare')
  assert.deepEqual(describe(effect.query), {
    kind: 'SELECT',
    accesses: 'select public.customers(email)',
    outputs: 'email=public.customers.email',
  })
})

test('work that grows without end is refused', () => {
  const columns = Array.from({ length: 900 }, (_, i) => `${i} as c${i}`).join(', ')
  const nested = (sql: string, depth: number): string =>
    depth === 0
      ? sql
      : nested(
          `with recursive r${depth} as (select * from (${sql}) q union select * from r${depth}) select * from r${depth}`,
          depth - 1,
        )
  const result = classifyAll(nested(`select ${columns}`, 12))
  assert.equal(result.type === 'refused' ? result.denial.code : result.type, 'SQL_TOO_COMPLEX')
})

test('a refusal quotes no literal of the statement', () => {
  for (const sql of [
    "select * from customers where email = 'hunter2' and nothing = 1",
    "select query_to_xml('hunter2', true, true, '')",
    "set client_encoding = 'hunter2'",
    "selec 'hunter2'",
  ]) {
    const result = classifyAll(sql)
    assert.ok(result.type === 'refused', sql)
    assert.doesNotMatch(JSON.stringify(result.denial), /hunter2/)
    assert.notEqual(result.denial.hint, '')
  }
})

/** What each policy of the catalog's makes a query read, a change read, and a plan tell. */
const WALLED: Readonly<Record<string, readonly [query: string, change: string, plan: string]>> = {
  walled: ['n', 'n', 'id n'],
  walled_writes: ['', 'owner', 'id'],
  walled_by_all: ['owner', 'owner', 'id owner'],
  // The role that names the table is not the one that a plan's policies were judged for.
  walled_by_others: ['', '', 'id owner'],
  walled_by_code: ['*', '*', '?'],
  walled_elsewhere: [
    'customers.email customers.id id',
    'customers.email customers.id id',
    'id customers.email customers.id',
  ],
  walled_unreadably: ['*', '*', '?'],
}

for (const [table, [query, change, plan]] of Object.entries(WALLED)) {
  test(`row level security is part of what touches the table: ${table}`, () => {
    const short = (path: readonly string[]) =>
      path.slice(1).join('.').replace(`public.${table}.`, '').replace('public.', '') || '*'
    const compared = (sql: string) => (operation(sql).compares ?? []).map(short).sort().join(' ')
    assert.equal(compared(`select id from ${table}`), query)
    for (const sql of [
      `update ${table} set id = 1`,
      `delete from ${table}`,
      `insert into ${table} (id) values (1)`,
      `select id from ${table} for update`,
    ]) {
      assert.equal(compared(sql), change, sql)
    }
    const [shown] = operation(`explain select id from ${table}`).results[0] as readonly Output[]
    const told =
      shown?.sources === 'unknown' ? '?' : shown?.sources.map(({ column }) => short(column))
    assert.equal(String(told).replaceAll(',', ' '), plan)
  })
}

/** What PostgreSQL evaluates over rows by itself, once it is defined or as it is: `email` is in each. */
const EVALUATED: readonly string[] = [
  "create index on customers (id) where email like 'a%'",
  'create index on customers (lower(email))',
  'create index on customers (id) include (email)',
  'create unique index on customers (email)',
  'create statistics s on email, id from customers',
  'create statistics s on lower(email), id from customers',
  "create trigger t after update on customers for each row when (old.email = '') execute function leak()",
  'create publication p for table customers where (email is null)',
  'alter publication p add table customers where (email is null)',
  'alter publication p set table customers where (email is null)',
  'create rule r as on update to customers where old.email is null do nothing',
  'create rule r as on insert to orders do also delete from customers where email is null',
  'create policy p on customers using (email is null)',
  'create policy p on customers with check (email is null)',
  'create policy p on orders using (exists (select from customers where email is null))',
  'alter policy p on customers using (email is null)',
  'alter table customers add check (email is null)',
  'alter table customers add unique (email)',
  'alter table customers add constraint x exclude using gist (email with =)',
  'alter table customers alter email set not null',
  'alter table customers alter email type int using email::int',
  'alter table customers add foreign key (email) references contacts (email)',
  'insert into customers (id) values (1) on conflict (email) do nothing',
  'alter domain d add check (value <> (select email from customers))',
]

test('what is evaluated over rows by itself tells of every column in it', () => {
  for (const sql of EVALUATED) {
    const { compares = [] } = operation(sql)
    const paths = compares.map((path) => path.slice(1).join('.'))
    assert.ok(paths.includes('public.customers.email'), `${sql}: ${paths.join(' ')}`)
  }
})

test('the same without the column does not tell of it', () => {
  for (const sql of EVALUATED.filter(
    (one) => !/\bset not null|contacts|\bunique|value/.test(one),
  )) {
    const { compares = [] } = operation(sql.replaceAll('email', 'card'))
    const paths = compares.map((path) => path.slice(1).join('.'))
    assert.ok(!paths.includes('public.customers.email'), `${sql}: ${paths.join(' ')}`)
  }
})

test('what needs the search path cannot follow a change of it in the same text, however deep it is', () => {
  const code = (sql: string) => {
    const result = classifyAll(`set search_path to crm; ${sql}`)
    return result.type === 'refused' ? result.denial.code : result.type
  }
  for (const sql of [
    'create table x (id int)',
    'create table x as select 1',
    'create view x as select 1',
    'create index on customers (id)',
    'select id into x from public.customers',
    'explain create table x as select 1',
    'explain select id from customers',
    'prepare p as select id from customers',
    'declare c cursor for select id from customers',
    'copy customers to stdout',
    'copy (select id from customers) to stdout',
    'select leak(1)',
    'drop table customers',
  ]) {
    assert.equal(code(sql), 'SQL_UNRESOLVED', sql)
  }
  for (const sql of [
    'select 1',
    'create table public.x (id int)',
    'explain create table public.x as select 1',
    'explain select 1',
    'prepare p as select 1',
  ]) {
    assert.equal(code(sql), 'classified', sql)
  }
})

test('settings that are picked by name are the server’s own, and all others may hold anything', () => {
  const shown = (sql: string) => describe(classifyAll(sql)).outputs
  for (const [from, condition] of [
    ['pg_settings', "name = 'max_connections'"],
    ['pg_settings', "name in ('max_connections', 'work_mem')"],
    ['pg_settings', "name = 'work_mem' and setting is not null"],
    ['pg_settings', "setting is not null and name = 'work_mem'"],
    ['pg_settings', "name = 'work_mem'::text"],
    ['pg_settings', "name = 'work_mem'::pg_catalog.text"],
    ['pg_settings s', "s.name = 'work_mem'"],
    ['pg_settings s', "name = 'work_mem'"],
    ['pg_catalog.pg_settings', "name = 'work_mem'"],
    ['pg_settings s, customers c', "s.name = 'work_mem'"],
  ]) {
    assert.equal(shown(`select setting from ${from} where ${condition}`), 'setting=', condition)
  }
  for (const [from, condition] of [
    ['pg_settings', 'true'],
    ['pg_settings', "setting = 'work_mem'"],
    ['pg_settings', "name <> 'work_mem'"],
    ['pg_settings', "name = 'application_name'"],
    ['pg_settings', "name in ('work_mem', 'application_name')"],
    ['pg_settings', "name = 'work_mem' or true"],
    ['pg_settings', "not name = 'work_mem'"],
    ['pg_settings', "name = lower('WORK_MEM')"],
    ['pg_settings', "name in ('work_mem', lower('x'))"],
    ['pg_settings', "name not in ('work_mem')"],
    ['pg_settings', "name like 'work_mem'"],
    ['pg_settings', "name = 'work_mem'::public.text"],
    ['pg_settings', "name = 'work_mem'::varchar"],
    ['pg_settings', "name = 'work_mem'::pg_catalog.varchar(1)"],
    ['pg_settings', "name between 'a' and 'b'"],
    ['pg_settings', "name = any(array['work_mem'])"],
    ['pg_settings, (select 1) o(one)', "name = 'work_mem'"],
    ['pg_settings s, customers c', "c.name = 'work_mem'"],
    ['pg_settings s, pg_settings o', "o.name = 'work_mem' and s.name = s.name"],
  ]) {
    const select = from!.includes(' s,') ? 's.setting' : 'setting'
    assert.equal(shown(`select ${select} from ${from} where ${condition}`), 'setting=?', condition)
  }
  // An alias turns the columns round: what is compared is the setting, and what is shown too.
  for (const name of ['name', 's.name']) {
    const sql = `select name from pg_settings s(setting, name) where ${name} = 'work_mem'`
    assert.equal(shown(sql), 'name=?')
  }
})

test('a statement has each of its effects once: the wider of two on the catalog, and code beside it', () => {
  const path = "set_config('search_path', 'x', false)"
  for (const [sql, effects] of [
    ['select leak_rows()', 'code catalog:session'],
    [`select ${path}`, 'catalog:session'],
    [`select leak_rows(), ${path}`, 'code catalog:session'],
    [`insert into customers (id) select ${path}`, 'catalog:session'],
    ['copy (select leak_rows()) to stdout', 'code catalog:session'],
    ['explain analyze select leak_rows()', 'code catalog:session'],
    ['declare c cursor for select leak_rows()', 'code catalog:session declare:c'],
    ['create table x as select * from leak_rows()', 'catalog:database code'],
    [`create table x as select ${path}`, 'catalog:database'],
    ['create materialized view v as select leak_rows()', 'catalog:database code'],
    ['create table x (a int default leak_rows())', 'catalog:database code'],
    ['call run(leak_rows())', 'code catalog:database'],
    [`call run(${path})`, 'code catalog:database'],
  ] as const) {
    assert.equal(describe(classifyAll(sql)).effects, effects, sql)
  }
  const shows = (sql: string) =>
    classified(sql).statements.map(({ showsApplicationName }) => showsApplicationName === true)
  assert.deepEqual(shows('show application_name; show work_mem; select 1; begin'), [
    true,
    false,
    false,
    false,
  ])
})

test('a WITH query that nobody reads is judged as much as one that is read', () => {
  for (const recursive of ['', 'recursive ']) {
    for (const [inner, access] of [
      ['select email from customers', 'sql.select'],
      ['delete from customers returning id', 'sql.delete'],
      ['delete from customers', 'sql.delete'],
      ['update customers set id = 1', 'sql.update'],
      ['insert into customers (id) values (1)', 'sql.insert'],
      ['insert into orders (id) select id from customers', 'sql.select'],
    ]) {
      for (const outer of [
        `with ${recursive}x as (${inner}) select 1`,
        `with ${recursive}o as (select 1), x as (${inner}) select * from o`,
        `with ${recursive}x as (${inner}) delete from orders`,
      ]) {
        const found = operation(outer).accesses.some(
          ({ action, object }) => action === access && object.at(-1) === 'customers',
        )
        assert.ok(found, outer)
      }
    }
  }
})

test('a join compares what it names, and where it names nothing that is known, any column', () => {
  const reads = (from: string) =>
    operation(`select 1 from ${from}`)
      .predicates.map((path) => path.slice(2).join('.'))
      .sort()
  const all = ['card', 'email', 'id', 'name', 'tags'].map((column) => `customers.${column}`)
  for (const from of [
    'customers natural join leak_rows()',
    'leak_rows() natural join customers',
    'leak_rows() r natural left join customers',
    '(select * from customers) c natural full join leak_rows()',
  ]) {
    assert.deepEqual(reads(from), all, from)
  }
  assert.deepEqual(reads('customers, leak_rows()'), [])
  assert.deepEqual(reads('customers cross join leak_rows()'), [])
  for (const from of [
    'customers natural join orders',
    'customers join orders using (id)',
    'customers c join orders o on c.id = o.id',
  ]) {
    assert.deepEqual(reads(from), ['customers.id', 'orders.id'], from)
  }
})
