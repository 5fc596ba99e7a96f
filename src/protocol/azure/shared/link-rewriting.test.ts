import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rewriteLink } from './link-rewriting.ts'
import { createLinkStore } from './links.ts'

const PLACES = {
  target: 'https://management.azure.com',
  client: 'https://gw.example:8444',
  prefix: '/arm',
}
const rewrite = (text: string, followed = true) => {
  const link = rewriteLink(text, PLACES, followed)
  return link.type === 'replace' ? link.url : link.type
}

test('links to the target lead to the gateway', () => {
  for (const text of [
    'https://management.azure.com/subscriptions?a=1',
    'HTTPS://Management.Azure.com:443/subscriptions?a=1',
    '/subscriptions?a=1',
  ]) {
    assert.equal(rewrite(text), 'https://gw.example:8444/arm/subscriptions?a=1')
  }
})

test('links elsewhere are foreign where clients follow them', () => {
  for (const text of [
    'https://evil.example/x',
    'http://management.azure.com/x',
    'https://management.azure.com.evil.example/x',
    'https://management.azure.com@evil.example/x',
    'https://evil.example\\@management.azure.com/x',
    'https://management.azure.com:8443/x',
    'https://management.azure.com\\.evil.example/x',
    '//evil.example/x',
    '/\\evil.example/x',
    '\\\\evil.example/x',
    ' https://evil.example/x',
    '\thttps://evil.example/x',
    'https:evil.example/x',
    'https:/evil.example/x',
    'javascript:alert(1)',
    'file:///etc/passwd',
    '?$skiptoken=x',
    'https://management.azure.com/a b',
    'https://management.azure.com/\nx',
    'https://management.azure.com//evil.example/x',
  ]) {
    assert.equal(rewrite(text), 'foreign', JSON.stringify(text))
  }
})

test('other texts are kept, and so is the name of an audience', () => {
  for (const text of ['x', 'https://evil.example/x', 'https://management.azure.com/', '/etc']) {
    assert.equal(rewrite(text, false), 'keep')
  }
  assert.equal(rewrite('https://management.azure.com/x', false), 'https://gw.example:8444/arm/x')
})

test('a link belongs to the session that was given it, however it is written again', () => {
  const store = createLinkStore()
  const me = { agent: 'a', sessionId: 's1' }
  store.give(me, '/x/operationresults/1?api-version=2020-01-01&t=a%2Bb&c=', {
    masks: [],
    objects: [],
  })
  assert.ok(store.find(me, '/x/operationresults/1?t=a%2bb&c=&api-version=2021-01-01'))
  assert.equal(store.find(me, '/x/operationresults/1?t=a+b&c='), undefined)
  assert.equal(store.find(me, '/x/operationresults/2?t=a%2Bb&c='), undefined)
  assert.equal(
    store.find({ agent: 'a', sessionId: 's2' }, '/x/operationresults/1?t=a%2Bb&c='),
    undefined,
  )
})

test('what is remembered is bounded, the oldest going first', () => {
  const store = createLinkStore()
  const me = { agent: 'a', sessionId: 's' }
  for (let at = 0; at <= 2_000; at++) store.give(me, `/l/${at}`, { masks: [], objects: [] })
  assert.equal(store.find(me, '/l/0'), undefined)
  assert.ok(store.find(me, '/l/2000'))
})

test('links of all sessions are bounded together, those that nobody asked for going first', () => {
  const store = createLinkStore()
  const me = { agent: 'a', sessionId: 'mine' }
  store.give(me, '/mine', { masks: [], objects: [] })
  for (let at = 0; at < 200_000; at++) {
    const other = { agent: 'b', sessionId: `s${Math.floor(at / 2_000)}` }
    store.give(other, `/l/${at}`, { masks: [], objects: [] })
    if (at % 50_000 === 0) assert.ok(store.find(me, '/mine'))
  }
  assert.equal(store.find({ agent: 'b', sessionId: 's0' }, '/l/0'), undefined)
  assert.ok(store.find(me, '/mine'))
  assert.ok(store.find({ agent: 'b', sessionId: 's99' }, '/l/199999'))
})
