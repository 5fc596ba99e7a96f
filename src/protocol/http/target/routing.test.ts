import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HttpEndpoint } from './endpoint.ts'
import { createRouter } from './routing.ts'

function endpoint(name: string, more: Partial<HttpEndpoint> = {}): HttpEndpoint {
  return { resource: { name, type: 'azure-storage', labels: {} }, ...more } as HttpEndpoint
}

const arm = endpoint('arm')
const blob = endpoint('files', { label: 'blob' })
const queue = endpoint('files', { label: 'queue', hosts: ['queue.example.com'] })
const route = createRouter(
  [[arm], [blob, queue], [endpoint('10')]].map((endpoints) => ({ ...endpoints[0]!, endpoints })),
)

test('a host chooses, by its whole name or its first labels', () => {
  assert.equal(route('queue.example.com', '/a').endpoint, queue)
  assert.equal(route('arm.gateway.example.com:443', '/a').endpoint, arm)
  assert.equal(route('files.blob.gateway', '/arm').endpoint, blob)
  assert.throws(() => route('files.queue.gateway', '/a'), { code: 'RESOURCE_UNKNOWN' })
  assert.throws(() => route('files.gateway', '/a'), { code: 'RESOURCE_UNKNOWN' })
})

test('the numbers of an address are no labels', () => {
  for (const host of ['10.0.0.1', '10.0.0.1:443', '[::10]', '[::ffff:10.0.0.1]:443']) {
    assert.throws(() => route(host, '/a'), { code: 'RESOURCE_UNKNOWN' })
  }
})

test('else the first segments of the path do, and are taken off', () => {
  assert.deepEqual(route('gateway', '/arm/subscriptions?a=1'), {
    endpoint: arm,
    prefix: '/arm',
    target: '/subscriptions?a=1',
  })
  assert.deepEqual(route('gateway', '/files/blob/c/b'), {
    endpoint: blob,
    prefix: '/files/blob',
    target: '/c/b',
  })
  assert.equal(route('gateway', '/files/blob?comp=list').target, '/?comp=list')
  assert.equal(route('gateway', '/arm').target, '/')
})

test('what only looks like a prefix is none', () => {
  for (const target of [
    '/',
    '/?/arm',
    '/files',
    '/files?blob',
    '/files?/blob',
    '/armour',
    '//arm',
  ]) {
    assert.throws(() => route('gateway', target), { code: 'RESOURCE_UNKNOWN' }, target)
  }
  assert.throws(() => route('gateway', '/%61rm'), { code: 'RESOURCE_UNKNOWN' })
})
