import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { classifyDeclared } from './declared-catalog.ts'
import type { DeclaredCatalog } from './declared-catalog.ts'

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
})
