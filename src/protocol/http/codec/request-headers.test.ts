import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sortHeaders } from './request-headers.ts'

/** What no client may tell a target: who stands at the other end, and what belongs to one connection. */
const DROPPED = [
  'forwarded',
  'via',
  'x-forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'te',
  'trailer',
  'http2-settings',
  'alt-used',
  'cookie',
]

/** What would make another request of it: method, place, host, or a user that a front proxy vouches for. */
const REFUSED = [
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-method',
  'x-original-url',
  'x-original-uri',
  'x-original-host',
  'x-rewrite-url',
  'x-rewrite-uri',
  'x-host',
  'x-override-url',
  'x-remote-user',
  'x-remote-uid',
  'x-remote-group',
  'x-remote-extra-scopes',
]

/** Of which one counts, so that two leave it open which. */
const ONCE = [
  'content-type',
  'content-encoding',
  'content-range',
  'content-md5',
  'range',
  'date',
  'if-range',
  'if-modified-since',
  'if-unmodified-since',
  'user-agent',
  'origin',
  'sec-websocket-key',
  'sec-websocket-version',
  'host',
  'authorization',
  'expect',
  'upgrade',
  'content-length',
  'transfer-encoding',
]

for (const name of DROPPED) {
  test(`dropped: ${name}`, () => {
    const { forward, refused } = sortHeaders([
      [name, 'a'],
      ['x-kept', 'b'],
    ])
    assert.deepEqual([forward, refused], [[['x-kept', 'b']], undefined])
  })
}

for (const name of REFUSED) {
  test(`refused: ${name}`, () => assert.equal(sortHeaders([[name, 'a']]).refused, name))
}

for (const name of [...DROPPED, ...REFUSED].filter((name) => name.includes('-'))) {
  const spelled = name.replaceAll('-', '_')
  test(`refused: ${spelled}`, () => assert.equal(sortHeaders([[spelled, 'a']]).refused, spelled))
}

for (const name of ONCE) {
  test(`once: ${name}`, () => {
    const value = VALUES[name] ?? '1'
    assert.doesNotThrow(() => sortHeaders([[name, value]]))
    const twice = () =>
      sortHeaders([
        [name, value],
        [name, value],
      ])
    assert.throws(twice, { code: 'PROTOCOL_VIOLATION' })
  })
}

const VALUES: Readonly<Record<string, string>> = {
  expect: '100-continue',
  'transfer-encoding': 'chunked',
}
