import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { HeaderList } from '../head.ts'
import { passingTrailers, wireAnswer } from './wire-answer.ts'

const answer = (startLine: string, headers: HeaderList = [], method = 'GET') =>
  wireAnswer({ startLine, headers }, method)

const OK = 'HTTP/1.1 200 OK'
const BROKEN = { code: 'TARGET_PROTOCOL' }

describe('the head of an answer', () => {
  test('has a status line of HTTP/1', () => {
    for (const [line, status] of [
      [OK, 200],
      ['HTTP/1.0 404 Not Found', 404],
      ['HTTP/1.1 599 ', 599],
      ['HTTP/1.1 100', 100],
    ] as const) {
      assert.equal(answer(line).head.status, status)
    }
    for (const line of [
      '',
      'HTTP/1.1',
      'HTTP/2 200',
      'HTTP/1.2 200 OK',
      'HTTP/1.1 99 x',
      'HTTP/1.1 600 x',
      'HTTP/1.1 2000 x',
      'http/1.1 200 OK',
      'HTTP/1.1  200 OK',
      'ICY 200 OK',
    ]) {
      assert.throws(() => answer(line), BROKEN, line)
    }
  })

  test('says how its body ends', () => {
    const framing = (line: string, headers: HeaderList, method = 'GET') =>
      answer(line, headers, method).framing
    const length = [['content-length', '5']] as const
    const chunked = [['transfer-encoding', 'Chunked']] as const
    assert.deepEqual(framing(OK, length), { type: 'length', length: 5 })
    assert.deepEqual(framing(OK, [['content-length', '0']]), { type: 'none' })
    assert.deepEqual(framing(OK, [...length, ...length]), { type: 'length', length: 5 })
    assert.deepEqual(framing(OK, chunked), { type: 'chunked' })
    assert.deepEqual(framing(OK, []), { type: 'close' })
    for (const headers of [length, chunked, []]) {
      for (const status of [100, 101, 103, 199, 204, 304]) {
        assert.deepEqual(framing(`HTTP/1.1 ${status} x`, headers), { type: 'none' })
      }
      assert.deepEqual(framing(OK, headers, 'HEAD'), { type: 'none' })
    }
    for (const status of [200, 203, 205, 303, 305, 400]) {
      assert.deepEqual(framing(`HTTP/1.1 ${status} x`, length), { type: 'length', length: 5 })
    }
  })

  test('says so in one way only', () => {
    for (const headers of [
      [
        ['content-length', '5'],
        ['content-length', '6'],
      ],
      [
        ['content-length', '5'],
        ['transfer-encoding', 'chunked'],
      ],
      [['transfer-encoding', 'gzip']],
      [['transfer-encoding', 'gzip, chunked']],
      [
        ['transfer-encoding', 'chunked'],
        ['transfer-encoding', 'chunked'],
      ],
      [['content-length', '']],
      [['content-length', '-1']],
      [['content-length', '+1']],
      [['content-length', '05']],
      [['content-length', '0x5']],
      [['content-length', '5, 5']],
      [['content-length', '1e3']],
      [['content-length', '1'.repeat(17)]],
    ] as const satisfies HeaderList[]) {
      assert.throws(() => answer(OK, headers), BROKEN, JSON.stringify(headers))
    }
  })

  test('loses what is of the connection, of other ways to the target, or of browsers', () => {
    const names = `connection keep-alive proxy-connection proxy-authenticate
      proxy-authentication-info transfer-encoding trailer te upgrade alt-svc set-cookie set-cookie2
      http2-settings chaperone-session`.split(/\s+/)
    for (const name of names) {
      const value = name === 'transfer-encoding' ? 'chunked' : 'x'
      const { headers } = answer(OK, [
        [name, value],
        ['x-kept', '1'],
      ]).head
      assert.deepEqual(headers, [['x-kept', '1']], name)
    }
  })

  test('loses what connection names, but for its own words', () => {
    const headers: HeaderList = [
      ['x-one', '1'],
      ['x-two', '2'],
      ['close', '3'],
      ['keep-alive', '4'],
      ['content-length', '5'],
    ]
    const kept = (...values: readonly string[]) =>
      answer(OK, [...values.map((one) => ['connection', one] as const), ...headers])
        .head.headers.map(([name]) => name)
        .join(' ')
    assert.equal(kept('x-one'), 'x-two close content-length')
    assert.equal(kept('X-One, x-two'), 'close content-length')
    assert.equal(kept('x-one', 'x-two'), 'close content-length')
    for (const word of ['close', 'keep-alive', 'upgrade', '', 'x-none']) {
      assert.equal(kept(word), 'x-one x-two close content-length', word)
    }
  })

  test('says whether the connection is good for another request', () => {
    const length = ['content-length', '5'] as const
    const reusable = (line: string, ...headers: HeaderList) => answer(line, headers).reusable
    assert.equal(reusable(OK, length), true)
    assert.equal(reusable(OK, length, ['connection', 'keep-alive']), true)
    assert.equal(reusable(OK), false)
    assert.equal(reusable('HTTP/1.0 200 OK', length), false)
    assert.equal(reusable(OK, length, ['connection', 'Close']), false)
    assert.equal(reusable(OK, length, ['connection', 'x'], ['connection', 'close']), false)
    // What may send a body all the same.
    assert.equal(reusable('HTTP/1.1 204 No Content'), true)
    assert.equal(reusable('HTTP/1.1 204 No Content', ['content-length', '0']), true)
    assert.equal(reusable('HTTP/1.1 204 No Content', length), false)
    assert.equal(reusable('HTTP/1.1 204 No Content', ['transfer-encoding', 'chunked']), false)
  })

  test('names another protocol with 101 alone', () => {
    const upgrade = (line: string) => answer(line, [['upgrade', 'WebSocket']]).upgrade
    assert.equal(upgrade('HTTP/1.1 101 x'), 'websocket')
    for (const status of [100, 102, 200, 426])
      assert.equal(upgrade(`HTTP/1.1 ${status} x`), undefined)
  })
})

test('trailers neither frame nor route, nor say again what the head said', () => {
  const names = `connection transfer-encoding set-cookie upgrade content-length content-type
    content-encoding content-range www-authenticate location host authorization cache-control date
    age vary`.split(/\s+/)
  for (const name of names) assert.deepEqual(passingTrailers([[name, 'x']]), [], name)
  assert.deepEqual(passingTrailers([['x-checksum', '1']]), [['x-checksum', '1']])
})
