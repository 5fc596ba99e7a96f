import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isLoopback, parseAddress, parseDuration, parseSize } from './units.ts'

it('reads durations in milliseconds, and nothing else', () => {
  assert.equal(parseDuration('1h30m'), 5_400_000)
  assert.equal(parseDuration('500ms'), 500)
  for (const text of ['', '5', '5 m', '-5m', '1.5h', '5M', '367d', '5m ']) {
    assert.equal(parseDuration(text), undefined, text)
  }
})

it('reads sizes in bytes, and nothing else', () => {
  assert.equal(parseSize('16MiB'), 16_777_216)
  for (const text of ['16', '16MB', '16 MiB', '9999999TiB'])
    assert.equal(parseSize(text), undefined)
})

it('reads addresses, with IPv6 in brackets', () => {
  assert.deepEqual(parseAddress('[::1]:5432'), { host: '::1', port: 5432 })
  assert.deepEqual(parseAddress('db.internal:5432'), { host: 'db.internal', port: 5432 })
  for (const text of ['db', ':5432', '::1:5432', 'db:99999', '[db]:1', 'db:1 ', 'a/b:1']) {
    assert.equal(parseAddress(text), undefined, text)
  }
})

it('takes only this machine for loopback', () => {
  assert.ok(isLoopback('127.3.2.1') && isLoopback('::1') && isLoopback('localhost'))
  for (const host of ['127.evil.example', '0.0.0.0', '::', 'localhost.example', '10.0.0.1']) {
    assert.equal(isLoopback(host), false, host)
  }
})
