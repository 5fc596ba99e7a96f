import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REMEMBERED_HEAD_BYTES_MAX } from './limits.ts'
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
  const remembering = new HeadReader(REQUEST_RULES)
  for (const first of heads) {
    for (const second of heads) {
      read(remembering, first)
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
