import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meantLine } from './meant-line.ts'
import { parseTarget } from './target/path.ts'

function line(target: string): string {
  const read = parseTarget(target, { emptySegments: false, encodedSlashes: true })
  const head = { ...read, headers: [], authority: 'gateway', prefix: '', bodyLength: 0 }
  return meantLine({ method: 'GET', ...head })
}

test('however a line is spelled, it is what is meant', () => {
  const spellings: Readonly<Record<string, readonly string[]>> = {
    'GET /': ['/'],
    'GET /a/b': ['/a/b', '/a/b/', '/%61/b', '/a/b?', '/a/b?&'],
    'GET /a/b?c=d e': ['/a/b?c=d%20e', '/a/b/?%63=d+e', '/a/b?c=d%20e&'],
    'GET /a/b?c=': ['/a/b?c', '/a/b?c='],
  }
  for (const [meant, all] of Object.entries(spellings)) {
    for (const one of all) assert.equal(line(one), meant, one)
  }
})

test('what is in a name or a value does not seem to divide the line', () => {
  for (const target of [
    '/a?b=c%26watch=true',
    '/a?b%26watch=true',
    '/a?b%3Dc=d',
    '/a%3Fwatch=true',
    '/a%2Fb',
    '/a?b=%2526',
  ]) {
    assert.equal(line(target), `GET ${target}`)
  }
})

test('a line stays one line', () => {
  for (const target of ['/a?b=%0AGET', '/a?b=%C2%85', '/a?b=%E2%80%A8', '/%E2%80%A9']) {
    assert.equal(line(target), `GET ${target}`)
  }
})
