import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, listAt, setUp } from '../../test/support/api/fakes.ts'

test('sessions: live ones first, then the recorded; either alone', async () => {
  const { call, openSession } = setUp()
  openSession('s-live')
  const ids = async (query: string) => {
    const { json } = await call('rita', 'GET', `/v1/sessions${query}`)
    return listAt(json, 'items').map((one) => `${String(one['id'])} ${String(one['live'])}`)
  }
  assert.deepEqual(await ids(''), ['s-live true', 's-old false'])
  assert.deepEqual(await ids('?live=true'), ['s-live true'])
  assert.deepEqual(await ids('?live=false'), ['s-old false'])
  assert.deepEqual(await ids('?live=true&agent=other'), [])
  assert.deepEqual(await ids('?after=x'), ['s-old false'])
  assert.equal((await call('rita', 'GET', '/v1/sessions?live=yes')).code, 'REQUEST_INVALID')
  assert.equal((await call('rita', 'GET', '/v1/sessions?limit=201')).code, 'REQUEST_INVALID')
  assert.equal((await call('rita', 'GET', '/v1/sessions?limit=1&limit=2')).code, 'REQUEST_INVALID')
  assert.equal((await call('rita', 'GET', '/v1/sessions?agnet=x')).code, 'REQUEST_INVALID')
})

test('a session is shown whole, and ended on the record', async () => {
  const { call, openSession, notes, order } = setUp()
  openSession('s-live')
  const shown = await call('otto', 'GET', '/v1/sessions/s-old')
  assert.deepEqual(at(shown.json, 'events'), [{ text: 'SELECT 1' }])
  const counts = { operations: 7, denied: 2, held: 1, rows: 40 }
  assert.deepEqual(at(shown.json, 'session', 'counts'), counts)
  const live = await call('otto', 'GET', '/v1/sessions?live=true')
  assert.deepEqual(at(live.json, 'items', 0, 'counts'), { operations: 3, denied: 1, held: 2 })
  assert.equal((await call('otto', 'GET', '/v1/sessions/none')).code, 'SESSION_NOT_FOUND')
  assert.equal(at((await call('adam', 'POST', '/v1/sessions/s-live/end')).json, 'ended'), true)
  assert.deepEqual(order, ['end s-live SESSION_REVOKED', 'note session-ended'])
  assert.equal(notes[0]?.person, 'oid-adam')
  assert.equal((await call('adam', 'POST', '/v1/sessions/s-live/end')).code, 'SESSION_NOT_FOUND')
})

test('searches and policies', async () => {
  const { call } = setUp()
  const found = await call('rita', 'GET', '/v1/search?q=agent%3Aetl-1%20%22free%20text%22')
  assert.equal(at(found.json, 'items', 0, 'query'), 'agent:etl-1 "free text"')
  const wrong = await call('rita', 'GET', '/v1/search?q=agent%3A')
  assert.equal(`${wrong.status} ${wrong.code}`, '400 SEARCH_SYNTAX')
  assert.equal((await call('rita', 'GET', '/v1/search')).code, 'REQUEST_INVALID')
  const policies = await call('rita', 'GET', '/v1/policies')
  assert.equal(at(policies.json, 'version'), 'v1')
  assert.equal(at(policies.json, 'problems', 0, 'line'), 3)
  const resources = await call('anna', 'GET', '/v1/resources')
  assert.doesNotMatch(JSON.stringify(resources.json), /HIDDEN-ADDRESS/)
})

test('an approval is listed, shown and given, and says who gave it', async () => {
  const { call, hold } = setUp()
  const held = hold()
  const list = await call('anna', 'GET', '/v1/approvals?state=pending')
  assert.equal(at(list.json, 'items', 0, 'id'), held.id)
  const shown = await call('anna', 'GET', `/v1/approvals/${held.id}`)
  assert.equal(at(shown.json, 'text'), 'DELETE FROM orders WHERE id = $1')
  assert.deepEqual(at(shown.json, 'parameters'), ['7', null])
  assert.deepEqual(at(shown.json, 'terms', 0, 'groups'), ['dba'])
  const path = `/v1/approvals/${held.id}/approve`
  const digest = 'cd'.repeat(32)
  assert.equal((await call('anna', 'POST', path)).code, 'APPROVAL_REASON_MISSING')
  const other = { reason: 'ok', digest: 'ef'.repeat(32) }
  assert.equal((await call('anna', 'POST', path, other)).code, 'APPROVAL_NOT_ALLOWED')
  assert.equal(at((await call('olga', 'POST', path, { reason: 'mine' })).json, 'state'), 'pending')
  const given = await call('anna', 'POST', path, { reason: 'ok', digest })
  assert.equal(at(given.json, 'state'), 'approved')
  assert.deepEqual(
    listAt(given.json, 'answers').map((one) => [one['objectId'], one['interested']]),
    [
      ['oid-olga', true],
      ['oid-anna', false],
    ],
  )
  const again = await call('anna', 'POST', path, { reason: 'ok' })
  assert.equal(`${again.status} ${again.code}`, '409 APPROVAL_CLOSED')
  assert.equal((await call('anna', 'GET', '/v1/approvals/none')).code, 'APPROVAL_NOT_FOUND')
  assert.equal((await call('anna', 'GET', '/v1/approvals?state=open')).code, 'REQUEST_INVALID')
})
