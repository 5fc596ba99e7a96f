import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serviceOf } from './services.ts'

const BASE = 'https://gateway.example'

test('only whole names of services count', () => {
  assert.equal(serviceOf('https://storage.azure.com', BASE), 'azure-storage')
  assert.equal(serviceOf('HTTPS://Management.Azure.com/.default', BASE), 'azure-arm')
  for (const other of [
    '',
    '/.default',
    'https://storage.azure.com.evil.example/.default',
    'https://evil.example/https://storage.azure.com/.default',
    'http://storage.azure.com/.default',
    'https://acme.blob.core.windows.net.evil.example/.default',
    'https://gateway.example.evil/azure-arm/.default',
    'https://gateway.example/sales-db/.default',
  ]) {
    assert.equal(serviceOf(other, BASE), undefined, other)
  }
})

test('a long name costs its length', () => {
  const began = performance.now()
  assert.equal(serviceOf(`${'/'.repeat(100_000)}x`, BASE), undefined)
  // Each slash tried to the end of all: twenty seconds.
  assert.ok(performance.now() - began < 2_000)
})
