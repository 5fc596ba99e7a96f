import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouteRequest } from './routing.ts'
import { routeToResource } from './routing.ts'

const TWO = new Set(['sales-db', 'hr-db'])
const ONE = new Set(['sales-db'])

test('each of the three ways names a resource', () => {
  const cases: readonly (readonly [RouteRequest, string, string | undefined])[] = [
    [{ sni: 'sales-db.gw.example', database: 'shop' }, 'sales-db', 'shop'],
    [{ sni: 'SALES-DB.gw.example', database: 'shop' }, 'sales-db', 'shop'],
    [{ sni: 'gw.example', database: 'hr-db/people' }, 'hr-db', 'people'],
    [{ database: 'hr-db/a/b' }, 'hr-db', 'a/b'],
    [{ database: 'hr-db/' }, 'hr-db', undefined],
    [{ resource: 'hr-db', database: 'people' }, 'hr-db', 'people'],
    [{ resource: 'hr-db' }, 'hr-db', undefined],
    [{ resource: 'hr-db', database: 'hr-db/people' }, 'hr-db', 'people'],
    [{ resource: 'hr-db', database: 'odd/name' }, 'hr-db', 'odd/name'],
  ]
  for (const [request, resource, database] of cases) {
    const wanted = database === undefined ? { resource } : { resource, database }
    assert.deepEqual(routeToResource(request, TWO), wanted, JSON.stringify(request))
  }
})

test('the only resource is meant when nothing names one', () => {
  assert.deepEqual(routeToResource({ database: 'shop' }, ONE), {
    resource: 'sales-db',
    database: 'shop',
  })
  assert.deepEqual(routeToResource({ sni: 'localhost' }, ONE), { resource: 'sales-db' })
})

test('what is unknown, missing or contradictory is refused, and tells no names', () => {
  const cases: readonly (readonly [RouteRequest, ReadonlySet<string>])[] = [
    [{ database: 'shop' }, TWO],
    [{ database: 'typo/shop' }, ONE],
    [{ database: '/shop' }, ONE],
    [{ resource: 'typo' }, ONE],
    [{ resource: '' }, ONE],
    [{ sni: 'sales-db.gw.example', database: 'hr-db/people' }, TWO],
    [{ sni: 'sales-db.gw.example', resource: 'hr-db' }, TWO],
    [{ resource: 'sales-db', database: 'hr-db/people' }, TWO],
    [{}, new Set()],
  ]
  for (const [request, resources] of cases) {
    assert.throws(
      () => routeToResource(request, resources),
      (error: Error & { code: string; hint: string }) =>
        error.code === 'RESOURCE_UNKNOWN' &&
        error.hint.includes('chaperone.resource') &&
        !`${error.message}${error.hint}`.includes('sales-db'),
      JSON.stringify(request),
    )
  }
})
