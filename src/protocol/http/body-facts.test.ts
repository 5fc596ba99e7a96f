import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forClients, hasNoBody, isEncoded, withoutBodyFacts, withoutDigests } from './body-facts.ts'
import type { HeaderList } from './head.ts'

const OF_TARGET =
  'set-cookie alt-svc strict-transport-security www-authenticate report-to nel'.split(' ')
const DIGESTS =
  `content-md5 content-crc64 x-ms-content-crc64 x-ms-blob-content-md5 x-ms-structured-body
  x-ms-structured-content-length digest content-digest repr-digest`.split(/\s+/)

function named(...names: readonly string[]): HeaderList {
  return names.map((name) => [name, 'x'])
}

test('what is between the gateway and its target stays there', () => {
  for (const name of OF_TARGET) assert.deepEqual(forClients(named(name, 'etag')), named('etag'))
})

test('a changed body goes without every hash of the one that came, and without its length', () => {
  for (const name of DIGESTS) {
    assert.deepEqual(withoutBodyFacts(named(name, 'content-length', 'etag')), named('etag'))
    assert.deepEqual(withoutDigests(named(name, 'content-length')), named('content-length'))
  }
})

test('a body is plain only where its encoding is absent or identity, once', () => {
  const encoded = (...values: readonly string[]) =>
    isEncoded(values.map((value) => ['content-encoding', value]))
  assert.equal(encoded(), false)
  assert.equal(encoded('identity'), false)
  assert.equal(encoded('Identity'), false)
  for (const value of ['gzip', 'br', '', 'identity, gzip', 'x-unknown', ' identity']) {
    assert.equal(encoded(value), true, value)
  }
  // Repeated, it is read by some as the first and by others as the last.
  assert.equal(encoded('gzip', 'gzip'), true)
  assert.equal(encoded('identity', 'gzip'), true)
  assert.equal(encoded('identity', 'identity'), true)
})

test('an answer without a body is told by its head', () => {
  assert.equal(hasNoBody({ status: 204, headers: [] }), true)
  assert.equal(hasNoBody({ status: 304, headers: [] }), true)
  assert.equal(hasNoBody({ status: 200, headers: [['content-length', '0']] }), true)
  assert.equal(hasNoBody({ status: 200, headers: [['content-length', '1']] }), false)
  assert.equal(hasNoBody({ status: 200, headers: [] }), false)
})
