import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import { describe } from '../../../../test/support/sql/describe.ts'
import { answer, fakeScope } from '../../../../test/support/sql/fake-catalog.ts'
import type { Classification, NameScope } from '../../classification.ts'
import type { Lookup } from '../../lookup.ts'
import { classify } from '../classify.ts'
import { CatalogScope, lookupQuery } from './catalog.ts'
import type { Relation } from './facts.ts'

const NO_NAMES: NameScope = { prepared: () => undefined, cursor: () => undefined }

test('what the target does not have is remembered as absent', () => {
  const scope = fakeScope()
  const lookup: Lookup = {
    relations: [{ name: 'customers' }, { name: 'nothing' }, { schema: 'crm', name: 'customers' }],
    routines: [{ name: 'upper' }, { name: 'nothing' }],
  }
  assert.equal(scope.relation({ name: 'nothing' }), undefined)
  assert.equal(scope.routines({ name: 'nothing' }), undefined)
  scope.learn(lookup, answer(lookup))
  assert.equal(scope.relation({ name: 'nothing' }), 'absent')
  assert.equal(scope.relation({ schema: 'crm', name: 'customers' }), 'absent')
  assert.deepEqual(scope.routines({ name: 'nothing' }), [])
  assert.equal(scope.routines({ name: 'upper' })?.length, 1)
  scope.forget()
  assert.equal(scope.relation({ name: 'customers' }), undefined)
  assert.equal(scope.facts, undefined)
})

test('a column is found by the numbers of RowDescription', () => {
  const scope = fakeScope()
  const lookup: Lookup = { relations: [{ name: 'customers' }], routines: [] }
  scope.learn(lookup, answer(lookup))
  const relation = scope.relation({ name: 'customers' })
  assert.ok(relation !== undefined && relation !== 'absent')
  assert.deepEqual(scope.columnAt(relation.oid, 3), ['sales', 'public', 'customers', 'email'])
  assert.equal(scope.columnAt(relation.oid, 99), undefined)
  assert.equal(scope.columnAt(relation.oid, -1), undefined)
  assert.equal(scope.columnAt(1, 1), undefined)
})

test('an answer that makes no sense is refused', () => {
  const lookup: Lookup = { relations: [{ name: 'a' }], routines: [] }
  const bad: (readonly (string | null)[])[] = [
    ['x', '1', '{}'],
    ['r', '1', 'not json'],
    ['r', '1', '[]'],
    ['r', '1', null],
    ['r', '1', '{"oid":"1"}'],
    ['f', null, '{"database":"other","schemas":[]}'],
  ]
  for (const row of bad) {
    assert.throws(() => fakeScope().learn(lookup, [row]), { code: 'TARGET_PROTOCOL' })
  }
})

let db: PGlite

before(async () => {
  db = await PGlite.create()
  await db.exec(`
    create schema crm;
    create table customers (id int, email text, "Odd ""Name" text, twice int generated always as (id * 2) stored);
    create table crm.customers (id int);
    create view mails as select upper(email) as mail from customers;
    create table ruled (id int);
    create rule r as on insert to ruled do also insert into crm.customers values (new.id);
    create function leak(int, text default 'x') returns text language sql stable as 'select $2';
    create function rows_of() returns table (a int, b text) language sql as $$select 1, 'x'$$;
    create type mood as enum ('up');
    create function to_mood(int) returns mood language sql as $$select 'up'::mood$$;
    create cast (int as mood) with function to_mood(int);
    create operator === (leftarg = text, rightarg = text, function = texteq);`)
})

after(() => db.close())

async function ask(scope: CatalogScope, lookup: Lookup): Promise<void> {
  const { text, parameters } = lookupQuery(lookup)
  const { rows } = await db.query<(string | null)[]>(text, parameters, { rowMode: 'array' })
  scope.learn(lookup, rows)
}

async function classifyReal(sql: string): Promise<Classification> {
  const scope = new CatalogScope('postgres')
  for (let round = 0; round < 5; round++) {
    const result = classify(sql, scope, NO_NAMES)
    if (result.type !== 'lookup') return result
    await ask(scope, result.lookup)
  }
  return assert.fail('the look-ups do not end')
}

test('PostgreSQL answers the look-up', async () => {
  const scope = new CatalogScope('postgres')
  await ask(scope, {
    relations: [
      { name: 'customers' },
      { schema: 'crm', name: 'customers' },
      { name: 'ruled' },
      { name: 'mails' },
      { name: 'pg_class' },
      { name: `it's "odd"\\ é` },
    ],
    routines: [{ name: 'leak' }, { name: 'rows_of' }, { schema: 'pg_catalog', name: 'json_each' }],
  })
  const customers = scope.relation({ name: 'customers' })
  assert.ok(customers !== undefined && customers !== 'absent')
  assert.deepEqual(
    customers.columns.map(({ name, generated, expression }) => [name, generated, expression]),
    [
      ['id', false, undefined],
      ['email', false, undefined],
      ['Odd "Name', false, undefined],
      ['twice', true, '(id * 2)'],
    ],
  )
  assert.equal(customers.schema, 'public')
  const ruled = scope.relation({ name: 'ruled' })
  assert.ok(ruled !== undefined && ruled !== 'absent')
  assert.equal(ruled.rules, '3')
  assert.equal(scope.relation({ name: `it's "odd"\\ é` }), 'absent')
  const [leak] = scope.routines({ name: 'leak' }) ?? []
  assert.deepEqual(
    [leak?.argumentsMin, leak?.argumentsMax, leak?.volatility, leak?.builtin],
    [1, 2, 'stable', false],
  )
  assert.deepEqual(scope.routines({ name: 'rows_of' })?.[0]?.columns, ['a', 'b'])
  assert.deepEqual(scope.facts?.schemas, ['public'])
  assert.deepEqual(
    scope.facts?.operators.map(({ by, path }) => [by, path[2]]),
    [['===', 'texteq']],
  )
  assert.deepEqual(
    scope.facts?.casts.map(({ by, path }) => [by, path[2]]),
    [['mood', 'to_mood']],
  )
})

test('views are followed through the real catalog', async () => {
  assert.deepEqual(describe(await classifyReal('select mail from mails')), {
    kind: 'SELECT',
    accesses:
      'select public.mails(mail); select° public.customers(email); execute° pg_catalog.upper',
    outputs: 'mail=public.mails.mail ~public.customers.email',
  })
})

test('temporary tables hide others, and search_path decides', async () => {
  await db.exec('begin; create temp table customers (id int, secret text); set search_path = crm')
  assert.deepEqual(describe(await classifyReal('select id from customers')).outputs, 'id=?')
  assert.equal(
    describe(await classifyReal('select id from pg_temp.customers')).accesses,
    'select pg_temp.customers(id)',
  )
  await db.exec('drop table customers')
  assert.equal(
    describe(await classifyReal('select id from customers')).outputs,
    'id=crm.customers.id',
  )
  await db.exec('rollback')
})

test('a hostile search_path cannot change what the look-up asks', async () => {
  await db.exec(`begin;
    create schema evil;
    create table evil.pg_class (relname text);
    create function evil.json_agg(anyelement) returns json language sql as $$select '[]'::json$$;
    create function evil.lies(name, name) returns boolean language sql as 'select false';
    create operator evil.= (leftarg = name, rightarg = name, function = evil.lies);
    create type evil.text as enum ('x');
    set search_path = evil, pg_catalog, public`)
  const result = describe(await classifyReal('select email from customers'))
  assert.equal(result.outputs, 'email=public.customers.email')
  await db.exec('rollback')
})

test('keys, triggers and row level security are told', async () => {
  await db.exec(`begin;
    create table buyers (id int primary key, email text unique);
    create table deals (id int, buyer text unique references buyers (email) on update cascade);
    create table parcels (id int, deal text references deals (buyer)) partition by list (id);
    create table parcels_1 partition of parcels for values in (1);
    alter table parcels_1 add foreign key (id) references buyers (id);
    create table letters (body text, tsv tsvector);
    create trigger fill before insert on letters for each row
      execute function tsvector_update_trigger(tsv, 'pg_catalog.simple', body);
    create policy p on letters for select using (body <> '');
    create policy q on letters as restrictive with check (tsv is not null);`)
  const scope = new CatalogScope('postgres')
  const look = async (name: string) => {
    await ask(scope, { relations: [{ name }], routines: [] })
    const found = scope.relation({ name })
    return found === undefined || found === 'absent' ? assert.fail(name) : found
  }
  const references = ({ columns }: Relation) =>
    Object.fromEntries(columns.map(({ name, references: r }) => [name, r.map((p) => p.slice(2))]))
  assert.deepEqual(references(await look('deals')), { id: [], buyer: [['buyers', 'email']] })
  assert.deepEqual(references(await look('parcels')), {
    id: [['buyers', 'id']],
    deal: [
      ['deals', 'buyer'],
      ['buyers', 'email'],
    ],
  })
  const letters = await look('letters')
  assert.deepEqual(
    letters.columns.map(({ filledFrom }) => filledFrom),
    [[], ['pg_catalog.simple', 'body']],
  )
  assert.deepEqual(letters.policies, [])
  await db.exec('alter table letters enable row level security')
  assert.deepEqual((await look('letters')).policies, [
    { command: 'r', mine: false, using: "(body <> ''::text)", check: undefined },
    { command: '*', mine: false, using: undefined, check: '(tsv IS NOT NULL)' },
  ])
  await db.exec('rollback')
})

const STAMPS = "begin if new.s = 'open' then new.n = 1; end if; return new; end"

/** What stands behind a table `t`, and whether a write to it may change the session. */
const BEHIND: Readonly<Record<string, readonly [code: boolean, definition: string]>> = {
  nothing: [false, ''],
  'a trigger that fills columns': [false, trigger(STAMPS)],
  'one that writes to another table': [
    false,
    trigger(`begin insert into audit values (tg_op); return new; end`),
  ],
  'one that writes to a table with such a trigger': [
    true,
    `create trigger t before insert on audit execute function executes();
     ${trigger('begin insert into audit values (tg_op); return new; end')}`,
  ],
  'one that is disabled': [
    false,
    `${trigger('begin execute new.s; return new; end')} alter table t disable trigger t;`,
  ],
  'a text that is run': [true, trigger('begin execute new.s; return new; end')],
  'a setting': [true, trigger('begin set search_path = a; return new; end')],
  'a role': [true, trigger('begin set local role = a; return new; end')],
  'a function in SQL': [true, trigger('begin perform sets(); return new; end')],
  'a default of PostgreSQL': [false, 'alter table t alter n set default random()'],
  'a default that is arithmetic': [false, 'alter table t alter n set default plain(1)'],
  'a default that is not': [true, 'alter table t alter n set default sets()'],
  'a key that others reference': [
    false,
    `create table r (n int references t (id)); create trigger t before update on r
     execute function executes();`,
  ],
  'one that takes others along': [
    true,
    `create table r (n int references t (id) on delete set null); create trigger t before update
     on r execute function executes();`,
  ],
  'a view of it': [false, 'create view v as select sets() from t'],
  'more partitions than it has functions': [
    false,
    `create table r (n int) partition by range (n); alter table t add foreign key (n) references t
     on delete cascade; do $$ begin for i in 1..150 loop execute format(
     'create table r_%s (n int check (n > 0)) inherits (t)', i); end loop; end $$;`,
  ],
}

function trigger(body: string): string {
  return `create function f() returns trigger language plpgsql as $$ ${body} $$;
    create trigger t before insert on t for each row execute function f();`
}

for (const [name, [code, definition]] of Object.entries(BEHIND)) {
  test(`behind a table: ${name}`, async () => {
    await db.exec(`begin;
      create table t (id int primary key, n int, s text);
      create table audit (what text);
      create function executes() returns trigger language plpgsql
        as $$ begin execute 'x'; return new; end $$;
      create function sets() returns int language sql
        as $$ select length(set_config('a.b', 'c', false)) $$;
      create function plain(int) returns int language sql as $$ select $1 + 1 $$;
      ${definition}`)
    const scope = new CatalogScope('postgres')
    await ask(scope, { relations: [], routines: [], written: [{ name: 't' }] })
    assert.equal(scope.writesRunCode({ name: 't' }), code)
    await db.exec('rollback')
  })
}

test('what was not told of a write runs code', () => {
  const scope = fakeScope()
  scope.learn({ relations: [], routines: [], written: [{ name: 'x' }] }, [])
  assert.equal(scope.writesRunCode({ name: 'x' }), true)
})

/** From this on PostgreSQL compiles a plan, which takes longer than any look-up (`jit_above_cost`). */
const COMPILED_FROM_COST = 100_000

test('however many tables and partitions there are, a look-up is not worth compiling', async () => {
  await db.exec(`begin;
    create table whole (id int, e text) partition by range (id);
    create table base (id int primary key);
    do $$ begin
      for i in 1..400 loop
        execute format('create table whole_%s partition of whole for values from (%s) to (%s)',
          i, i, i + 1);
        execute format('create table branch_%s (id int primary key, base int references base)', i);
      end loop;
    end $$;
    analyze;`)
  const relations = ['whole', 'base', 'branch_1'].map((name) => ({ name }))
  const routines = [{ name: 'upper' }]
  const { text, parameters } = lookupQuery({ relations, routines, written: relations })
  const { rows } = await db.query<{ 'QUERY PLAN': [{ Plan: { 'Total Cost': number } }] }>(
    `EXPLAIN (FORMAT json) ${text}`,
    parameters,
  )
  const cost = rows[0]!['QUERY PLAN'][0].Plan['Total Cost']
  assert.ok(cost > 0 && cost < COMPILED_FROM_COST / 2, `it is estimated at ${cost}`)
  await db.exec('rollback')
})
