import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestLines } from './request-lines.ts'
import { parseTarget } from './target-path.ts'

function lines(target: string): string[] {
  const read = parseTarget(target, { emptySegments: false, encodedSlashes: false })
  const head = { ...read, headers: [], authority: 'gateway', prefix: '', bodyLength: 0 }
  return requestLines({ method: 'GET', ...head })
}

test('a plain line is one line', () => {
  assert.deepEqual(lines('/'), ['GET /'])
  assert.deepEqual(lines('/a/b?c=d'), ['GET /a/b?c=d'])
})

test('what is spelled otherwise is read as it is meant, and shown as it came', () => {
  assert.deepEqual(lines('/%61/b?%63=d+e'), ['GET /a/b?c=d e', 'sent as /%61/b?%63=d+e'])
  assert.deepEqual(lines('/a/b/'), ['GET /a/b', 'sent as /a/b/'])
  assert.deepEqual(lines('/a/b?c'), ['GET /a/b?c=', 'sent as /a/b?c'])
})

test('a line stays one line', () => {
  for (const target of ['/a?b=%0AGET', '/a?b=%C2%85', '/a?b=%E2%80%A8', '/%E2%80%A9']) {
    for (const line of lines(target)) assert.doesNotMatch(line, /[\n\u0085\u2028\u2029]/)
  }
})
