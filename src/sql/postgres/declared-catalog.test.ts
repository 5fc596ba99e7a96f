import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DeclaredCatalog } from './declared-catalog.ts'
import { classifyDeclared } from './declared-catalog.ts'

const catalog: DeclaredCatalog = {
  database: 'shop',
  searchPath: ['public', 'archive'],
  tables: {
    customers: ['id', 'email'],
    'public.orders': ['id', 'customer_id', 'total'],
    'archive.old': ['id'],
  },
  views: {
    contacts: {
      columns: ['contact'],
      definition: 'SELECT upper(customers.email) AS contact FROM public.customers',
    },
  },
  functions: { 'public.cleanup': 'volatile' },
}

function accesses(text: string): readonly string[] {
  const result = classifyDeclared(text, catalog)
  assert.ok('operation' in result, JSON.stringify(result))
  return result.operation.accesses
    .filter(({ grant }) => grant === 'required')
    .map(({ action, object, parts }) => `${action} ${object.join('.')} ${String(parts)}`)
}

function code(text: string): string | undefined {
  const result = classifyDeclared(text, catalog)
  return 'denial' in result ? result.denial.code : undefined
}

describe('a declared catalog', () => {
  it('resolves tables along the search path, and by schema', () => {
    assert.deepEqual(accesses('SELECT email FROM customers'), [
      'sql.select shop.public.customers email',
    ])
    assert.deepEqual(accesses('SELECT * FROM public.customers'), [
      'sql.select shop.public.customers id,email',
    ])
    assert.deepEqual(accesses('SELECT id FROM old'), ['sql.select shop.archive.old id'])
  })

  it('knows common functions of PostgreSQL', () => {
    const text = 'SELECT count(*), max(lower(o.id::text)) FROM orders o WHERE now() > now()'
    assert.deepEqual(accesses(text), ['sql.select shop.public.orders id'])
    assert.deepEqual(accesses('SELECT pg_sleep(1)'), [
      'sql.execute shop.pg_catalog.pg_sleep undefined',
    ])
  })

  it('knows declared functions and views', () => {
    assert.deepEqual(accesses('SELECT cleanup()'), ['sql.execute shop.public.cleanup undefined'])
    const result = classifyDeclared('SELECT contact FROM contacts', catalog)
    assert.ok('operation' in result)
    assert.match(JSON.stringify(result.operation.results), /customers","email/)
  })

  it('refuses what is not declared', () => {
    assert.equal(code('SELECT * FROM nowhere'), 'SQL_UNRESOLVED')
    assert.equal(code('SELECT no_such(1, 2)'), 'SQL_UNRESOLVED')
    assert.equal(code('SELECT * FROM hr.customers'), 'SQL_UNRESOLVED')
    assert.equal(code('SELEC'), 'SQL_SYNTAX')
  })

  it('refuses a function that is not declared, wherever it is called', () => {
    // With one argument it could be a cast, which needs no permission.
    for (const text of [
      'SELECT no_such(1)',
      'SELECT hr.no_such(1)',
      'SELECT pg_catalog.no_such(1)',
      "SELECT dblink('x')",
      'SELECT id FROM customers WHERE no_such(id)',
      'SELECT no_such(c) FROM customers c',
      'SELECT email FROM customers ORDER BY no_such(id)',
      'SELECT count(DISTINCT no_such(id)) FROM customers',
      'SELECT no_such(id) OVER () FROM customers',
      'SELECT coalesce(no_such(1), 2)',
      'SELECT * FROM no_such(1)',
      'UPDATE customers SET id = no_such(id)',
      'INSERT INTO customers VALUES (no_such(1))',
      'CREATE INDEX i ON customers (no_such(id))',
    ]) {
      assert.equal(code(text), 'SQL_UNRESOLVED', text)
    }
    const result = classifyDeclared('SELECT no_such(1)', catalog)
    assert.match(JSON.stringify(result), /declares no function no_such/)
  })

  it('takes casts and fields that are written like calls for what they are', () => {
    assert.deepEqual(accesses('SELECT date(id), text(email) FROM customers'), [
      'sql.select shop.public.customers id,email',
    ])
    assert.deepEqual(accesses('SELECT (c).email FROM customers c'), [
      'sql.select shop.public.customers email',
    ])
    assert.equal(code('SELECT email(c) FROM customers c'), undefined)
  })

  it('takes a function of PostgreSQL that is declared by its schema', () => {
    const declared = { ...catalog, functions: { 'pg_catalog.pg_get_acl': 'stable' } } as const
    const result = classifyDeclared('SELECT pg_get_acl(1), pg_catalog.pg_get_acl(2, 3)', declared)
    assert.ok('operation' in result)
    assert.deepEqual(
      result.operation.accesses.map(({ action, grant }) => `${grant} ${action}`),
      ['implied sql.execute'],
    )
    assert.deepEqual(accesses("SELECT pg_ls_dir('/')"), [
      'sql.execute shop.pg_catalog.pg_ls_dir undefined',
    ])
  })
})
