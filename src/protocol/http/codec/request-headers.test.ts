import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseLength, sortHeaders } from './request-headers.ts'

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

test('connection names nothing but its own words, in any case and however they are joined', () => {
  const sorted = (...values: readonly string[]) =>
    sortHeaders([...values.map((value) => ['connection', value] as const), ['upgrade', 'x']])
  for (const values of [['close'], ['Close'], ['keep-alive, close'], ['keep-alive', 'close']]) {
    assert.equal(sorted(...values).close, true, String(values))
  }
  for (const value of ['keep-alive', 'Upgrade', 'TE, HTTP2-Settings']) {
    assert.equal(sorted(value).close, false, value)
  }
  assert.equal(sorted('Upgrade, keep-alive').upgrade, 'x')
  const others = ['x-one', 'close, x-one', 'authorization', 'content-length', 'close;', 'clos e']
  for (const value of others) {
    assert.throws(() => sorted(value), { code: 'PROTOCOL_VIOLATION' }, value)
  }
})

test('a length is digits alone', () => {
  for (const [text, length] of [
    ['0', 0],
    ['1', 1],
    ['999999999999999', 999_999_999_999_999],
  ] as const) {
    assert.equal(parseLength(text), length)
  }
  for (const text of [
    '',
    '-1',
    '+1',
    '01',
    '00',
    '1.0',
    '1e3',
    '0x1',
    ' 1',
    '1 ',
    '1,1',
    '1'.repeat(16),
  ]) {
    assert.equal(parseLength(text), undefined, text)
  }
})
