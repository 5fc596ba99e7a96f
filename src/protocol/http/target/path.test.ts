import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PathRules } from '../api.ts'
import { PARAMETERS_MAX, SEGMENTS_MAX } from '../limits.ts'
import { parseTarget } from './path.ts'

const STRICT: PathRules = { emptySegments: false, encodedSlashes: false }
const SLASHES: PathRules = { emptySegments: false, encodedSlashes: true }
const EMPTY: PathRules = { emptySegments: true, encodedSlashes: false }

function codeOf(target: string, rules = STRICT): string | undefined {
  try {
    parseTarget(target, rules)
    return undefined
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('the target of a request', () => {
  test('is taken apart: segments and parameters decoded once, in order', () => {
    const { path, segments, query, parameters } = parseTarget('/a/b%20c/?x=1+2&&y&x=%26', STRICT)
    assert.deepEqual(segments, ['a', 'b c', ''])
    assert.deepEqual(parameters, [
      ['x', '1 2'],
      ['y', ''],
      ['x', '&'],
    ])
    assert.equal(path, '/a/b%20c/')
    assert.equal(query, 'x=1+2&&y&x=%26')
    assert.deepEqual(parseTarget('/?', STRICT).parameters, [])
    assert.deepEqual(parseTarget('/a?b?c=d', STRICT).parameters, [['b?c', 'd']])
  })

  test('holds nothing that two readers could read differently', () => {
    for (const target of [
      'a',
      '',
      '?',
      '/a b',
      '/a\\b',
      '/a#b',
      '/a"b',
      '/.',
      '/..',
      '/a/../b',
      '/a/./b',
      '/..;x/b',
      '/%2e%2E/b',
      '/a//b',
      '//a',
      '/a%2fb',
      '/a%',
      '/a%2',
      '/a%zz',
      '/%252e',
      '/%c0%af',
      '/%ff',
      '/%ed%a0%80',
      '/a?x=%',
      '/a?%00=1',
      '/a?x=%00',
      '/a?%0a=1',
      '/a?x y',
      '/a?x=<',
      '/a?%ff',
    ]) {
      assert.equal(codeOf(target), 'PROTOCOL_VIOLATION', target)
    }
    for (const target of ['/...', '/a..', '/;', '/a/', '/a?x=%0a', '/a?x=[1]', '/a:b@c']) {
      assert.equal(codeOf(target), undefined, target)
    }
  })

  test('holds no control character and no backslash, raw or encoded', () => {
    const refused = (byte: number) => {
      const hex = byte.toString(16).padStart(2, '0')
      return codeOf(byte < 0x80 ? `/a%${hex}` : `/a%c2%${hex}`) === 'PROTOCOL_VIOLATION'
    }
    const bytes = Array.from({ length: 0xa0 }, (_, byte) => byte).filter(refused)
    const controls = Array.from({ length: 0x20 }, (_, byte) => byte)
    const upper = Array.from({ length: 0x21 }, (_, index) => 0x7f + index)
    assert.deepEqual(bytes, [...controls, 0x2f, 0x5c, ...upper])
  })

  test('may hold what its API allows, and no more', () => {
    assert.deepEqual(parseTarget('/a%2fb', SLASHES).segments, ['a/b'])
    for (const target of ['/a%2f..', '/..%2fa', '/a%2f.%2fb', '/a%2f..;x%2fb', '/a//b']) {
      assert.equal(codeOf(target, SLASHES), 'PROTOCOL_VIOLATION', target)
    }
    assert.deepEqual(parseTarget('//a//', EMPTY).segments, ['', 'a', '', ''])
    for (const target of ['/a%2fb', '//..', '/.//']) {
      assert.equal(codeOf(target, EMPTY), 'PROTOCOL_VIOLATION', target)
    }
  })

  test('is so deep and has so many parameters at most', () => {
    const path = (segments: number) => '/a'.repeat(segments)
    const query = (parameters: number) => `/?${Array(parameters).fill('a').join('&')}`
    assert.equal(codeOf(path(SEGMENTS_MAX)), undefined)
    assert.equal(codeOf(path(SEGMENTS_MAX + 1)), 'MESSAGE_TOO_LARGE')
    assert.equal(codeOf(query(PARAMETERS_MAX)), undefined)
    assert.equal(codeOf(query(PARAMETERS_MAX + 1)), 'MESSAGE_TOO_LARGE')
  })
})
