import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { AGENT, at, PEOPLE, setUp } from '../../test/support/api/fakes.ts'

const EVERYONE = Object.keys(PEOPLE)
const BODY: Readonly<Record<string, unknown>> = {
  'POST /v1/agents': { ...AGENT, name: 'etl-2', objectId: 'oid-2' },
  'PATCH /v1/agents/etl-1': { purpose: 'weekly load' },
  'POST /v1/policies/explain': { agent: 'etl-1', resource: 'sales-db', text: 'SELECT 1' },
  'POST /v1/approvals/ID/approve': { reason: 'fine' },
  'POST /v1/approvals/ID/deny': { reason: 'no' },
}

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'GET /v1/me': EVERYONE,
  'GET /v1/agents': ['adam', 'anna', 'olga', 'rita', 'otto'],
  'POST /v1/agents': ['adam'],
  'GET /v1/agents/etl-1': ['adam', 'olga', 'rita', 'otto'],
  'PATCH /v1/agents/etl-1': ['adam'],
  'DELETE /v1/agents/etl-1': ['adam'],
  'POST /v1/agents/etl-1/revoke': ['adam'],
  'POST /v1/agents/etl-1/restore': ['adam'],
  'GET /v1/sessions': ['adam', 'rita', 'otto'],
  'GET /v1/sessions?agent=etl-1': ['adam', 'olga', 'rita', 'otto'],
  'GET /v1/sessions/s-old': ['adam', 'olga', 'rita', 'otto'],
  'POST /v1/sessions/s-live/end': ['adam'],
  'GET /v1/search?q=x': ['adam', 'rita', 'otto'],
  'GET /v1/approvals': ['adam', 'anna', 'olga', 'rita', 'otto'],
  'GET /v1/approvals/ID': ['adam', 'anna', 'olga', 'rita', 'otto'],
  'POST /v1/approvals/ID/approve': ['adam', 'anna', 'olga'],
  'POST /v1/approvals/ID/deny': ['adam', 'anna', 'olga'],
  'GET /v1/policies': ['adam', 'rita', 'otto'],
  'POST /v1/policies/explain': ['adam', 'rita', 'otto'],
  'GET /v1/resources': ['adam', 'anna', 'olga', 'rita', 'otto'],
}

for (const [route, allowed] of Object.entries(ALLOWED)) {
  test(`${route} is for ${allowed.join(', ')}`, async () => {
    const [method = '', path = ''] = route.split(' ')
    for (const who of EVERYONE) {
      const { call, hold, openSession } = setUp()
      openSession('s-live')
      const answer = await call(who, method, path.replace('ID', hold().id), BODY[route])
      const ok = answer.status < 300
      assert.equal(ok, allowed.includes(who), `${who}: ${answer.status} ${answer.code}`)
      if (!ok) assert.match(answer.code, /^(HUMAN_ROLE_MISSING|AGENT_NOT_FOUND|SESSION_NOT_FOUND)$/)
    }
    const { call, notes } = setUp()
    assert.equal((await call(undefined, method, path, BODY[route])).code, 'CREDENTIAL_MISSING')
    assert.equal((await call('mallory', method, path, BODY[route])).code, 'TOKEN_SIGNATURE')
    assert.deepEqual(notes, [])
  })
}

test('the table above has every route that the description has, and the description is 3.1', async () => {
  const { call } = setUp()
  const { json } = await call(undefined, 'GET', '/openapi.json')
  assert.equal(at(json, 'openapi'), '3.1.0')
  const described = Object.entries(at(json, 'paths') as object).flatMap(([path, item]) =>
    Object.keys(item as object).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const tested = Object.keys(ALLOWED).map((route) =>
    (route.split('?')[0] ?? '')
      .replace('/etl-1', '/{name}')
      .replace(/\/(s-old|s-live|ID)/, '/{id}'),
  )
  const open = ['GET /v1/sign-in', 'POST /v1/token']
  assert.deepEqual([...new Set(described)].sort(), [...new Set([...tested, ...open])].sort())
})

test('docs/api.md names every route', () => {
  const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8')
  const { api } = setUp()
  const routes = api.routes.filter(({ method, path }) => method !== 'ALL' && !path.includes('*'))
  const paths = new Set(routes.map(({ path }) => path.replaceAll(/:(\w+)/g, '{$1}')))
  assert.ok(paths.size > 20)
  for (const path of paths) {
    assert.ok(
      [`${path}\``, `${path}?`].some((text) => page.includes(text)),
      path,
    )
  }
})
