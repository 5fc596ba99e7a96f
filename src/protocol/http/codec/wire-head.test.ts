import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HEADERS_MAX, REMEMBERED_HEAD_BYTES_MAX } from '../limits.ts'
import type { HeadResult } from './wire-head.ts'
import { HeadReader } from './wire-head.ts'
import { REQUEST_RULES } from './wire-request.ts'

const START = 'GET /a HTTP/1.1'

function head(...lines: string[]): Buffer {
  return Buffer.from(`${[START, ...lines].join('\r\n')}\r\n\r\n`, 'latin1')
}

/** What a reader makes of a head, or the code with which it refuses. */
function read(reader: HeadReader, bytes: Buffer): unknown {
  try {
    return reader.read(bytes, 0)
  } catch (error) {
    return (error as { readonly code?: string }).code
  }
}

test('what a connection sent before changes nothing about how a head is read', () => {
  const heads = [
    head('Host: a', 'X-Ms-Version: 1'),
    head('Host: a', 'X-Ms-Version: 2'),
    head('Host:  a ', 'X-Ms-Version: 2'),
    head('X-Ms-Version: 2', 'Host: a'),
    head('Host: a', 'Host: a'),
    head('Host: a'),
    head(),
    head('Host: a', 'X-Ms-Version: 2', 'Accept: b'),
    head('Host: a', 'X-Ms-Version : 2'),
    head('Host: a', ' X-Ms-Version: 2'),
    head('Host: a', 'X-Ms-Version: 2\n'),
    head('Host: a', 'X-Ms-Version: 2\0'),
    head('Host: a', 'X-Ms-Version'),
    Buffer.from(`${START}\r\nHost: a\r\nX-Ms-Vers`),
    Buffer.from(`${START}\nHost: a\n\n`),
  ]
  for (const first of heads) {
    for (const second of heads) {
      const remembering = new HeadReader(REQUEST_RULES)
      // What is incomplete is followed by nothing but the same bytes and more.
      if (read(remembering, first) === 'incomplete') continue
      const expected = read(new HeadReader(REQUEST_RULES), second)
      assert.deepEqual(
        read(remembering, second),
        expected,
        `${first.toString()} then ${second.toString()}`,
      )
    }
  }
})

test('a line that stands again in its place is the same header, of short heads only', () => {
  const reader = new HeadReader(REQUEST_RULES)
  const headersOf = (bytes: Buffer) => {
    const result = reader.read(bytes, 0)
    assert.notEqual(result, 'incomplete')
    return result === 'incomplete' ? [] : result.head.headers
  }
  const [host, accept] = headersOf(head('Host: a', 'Accept: b'))
  const again = headersOf(head('Host: a', 'Accept: c'))
  assert.equal(again[0], host)
  assert.notEqual(again[1], accept)
  const long = head('Host: a', `Accept: ${'b'.repeat(REMEMBERED_HEAD_BYTES_MAX)}`)
  assert.notEqual(headersOf(long)[0], headersOf(long)[0])
})

test('a head in pieces of one byte is searched once', () => {
  const head = `GET / HTTP/1.1\r\n${`x-long: ${'v'.repeat(400)}\r\n`.repeat(150)}`
  const whole = Buffer.from(`${head}\r\n`)
  const reader = new HeadReader(REQUEST_RULES)
  let searched = 0
  let read: HeadResult = 'incomplete'
  for (let length = 1; length <= whole.length; length++) {
    const bytes = whole.subarray(0, length)
    bytes.indexOf = (value: string | Uint8Array | number, from = 0) => {
      const found = Buffer.prototype.indexOf.call(bytes, value, from)
      searched += (found < 0 ? length : found) - Number(from)
      return found
    }
    read = reader.read(bytes, 0)
    if (length < whole.length) assert.equal(read, 'incomplete')
  }
  assert.ok(read !== 'incomplete' && read.head.headers.length === 150)
  assert.ok(searched < 8 * whole.length, `${searched} bytes were searched of ${whole.length}`)
})

test('a head with too many lines is refused before its end has come', () => {
  const reader = new HeadReader(REQUEST_RULES)
  const lines = Buffer.from(`GET / HTTP/1.1\r\n${'a\r\n'.repeat(HEADERS_MAX)}`)
  assert.equal(reader.read(lines, 0), 'incomplete')
  assert.throws(() => reader.read(Buffer.concat([lines, Buffer.from('a\r\n')]), 0), {
    code: 'MESSAGE_TOO_LARGE',
  })
})
