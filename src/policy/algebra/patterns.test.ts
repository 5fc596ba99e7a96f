import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Pattern } from '../pattern.ts'
import { covers, matchesGlob, parseGlob, parsePattern } from '../pattern.ts'
import { globsContain, globsIntersect } from './globs.ts'
import { patternsContain, patternsIntersect } from './patterns.ts'

function pattern(source: string): Pattern {
  const parsed = parsePattern(source)
  assert.ok(typeof parsed !== 'string', source)
  return parsed
}

/** Every list of up to `length` of the items. */
function lists<T>(items: readonly T[], length: number): (readonly T[])[] {
  if (length === 0) return [[]]
  const shorter = lists(items, length - 1)
  const longest = shorter.filter((list) => list.length === length - 1)
  return [...shorter, ...longest.flatMap((list) => items.map((item) => [...list, item]))]
}

describe('globs', () => {
  const cases: readonly (readonly [readonly string[], string, boolean])[] = [
    [['*'], 'sql.*', true],
    [['sql.*'], '*', false],
    [['sql.ddl.*', 'sql.*'], 'sql.ddl.drop', true],
    [['a*', 'b*'], '*', false],
    [['*a*'], '*aa*', true],
    [['a*b'], 'ab', true],
    [['a*b'], 'aXb*b', true],
    [['A/b'], 'a/B', true],
    [['a/B*'], 'A/bC', true],
    [['sql.select', 'sql.update'], 'sql.*', false],
    [[], 'a', false],
  ]
  for (const [outer, inner, expected] of cases) {
    it(`${outer.join(' or ')} ${expected ? 'contains' : 'does not contain'} ${inner}`, () => {
      assert.equal(globsContain(outer.map(parseGlob), parseGlob(inner)), expected)
    })
  }

  it('ignoring case is more than counting it', () => {
    const folding = { parts: ['ab'], ignoreCase: true }
    const exact = { parts: ['ab'], ignoreCase: false }
    assert.ok(globsContain([folding], exact))
    assert.ok(!globsContain([exact], folding))
    assert.ok(globsIntersect(exact, folding))
  })

  const texts = lists(['a', 'b', 'c'], 6).map((letters) => letters.join(''))
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 4 }).map(parseGlob)

  it('are compared as all their texts are', () => {
    fc.assert(
      fc.property(fc.array(glob, { maxLength: 3 }), glob, (outer, inner) => {
        const expected = texts
          .filter((text) => matchesGlob(inner, text))
          .every((text) => outer.some((one) => matchesGlob(one, text)))
        assert.equal(globsContain(outer, inner), expected)
      }),
    )
  })
  it('meet where a text is in both', () => {
    // Two globs of four letters need no more than eight to meet.
    const long = lists(['a', 'b'], 8).map((letters) => letters.join(''))
    fc.assert(
      fc.property(glob, glob, (one, other) => {
        const expected = long.some((text) => matchesGlob(one, text) && matchesGlob(other, text))
        assert.equal(globsIntersect(one, other), expected)
      }),
    )
  })
})

describe('patterns', () => {
  const cases: readonly (readonly [readonly string[], string, boolean])[] = [
    [['sales'], 'sales.public.orders', true],
    [['sales.public.orders'], 'sales', false],
    [['**'], '*', true],
    [['*'], '**', false],
    [['*', '**'], '**', true],
    [['sales.**'], 'sales', true],
    [['sales.*'], 'sales', false],
    [['sales.*'], 'sales.**.email', true],
    [['**.email'], 'sales.*.*.email', true],
    [['sales.*.*.email'], '**.email', false],
    [['**.a.**'], '**.a', true],
    [['a*.x', '*b.x'], 'a*b.x', true],
    [['a.x', 'b.x'], '*.x', false],
    [['default/Secrets'], 'default/secrets/db', true],
    [['a.b'], 'a/b', false],
    [['a/b'], 'a.b', true],
    [[], 'a', false],
  ]
  for (const [outer, inner, expected] of cases) {
    it(`${outer.join(' or ')} ${expected ? 'contains' : 'does not contain'} ${inner}`, () => {
      assert.equal(patternsContain(outer.map(pattern), pattern(inner)), expected)
    })
  }

  const segment = fc.constantFrom('a', 'b', '*', '**', 'a*', '*b')
  const written = fc
    .array(segment, { minLength: 1, maxLength: 3 })
    .map((segments) => pattern(segments.join('.')))
  const objects = lists(['a', 'b', 'c', 'ab', 'cb', 'ac'], 4)

  it('are compared as all their objects are', () => {
    fc.assert(
      fc.property(fc.array(written, { maxLength: 3 }), written, (outer, inner) => {
        const expected = objects
          .filter((object) => covers(inner, object))
          .every((object) => outer.some((one) => covers(one, object)))
        const told = patternsContain(outer, inner)
        assert.ok(!told || expected)
        // Where the inner one has a fixed length, these objects are enough to tell.
        if (!inner.segments.includes('any-number')) assert.equal(told, expected)
      }),
      { numRuns: 300 },
    )
  })
  it('meet where an object is in both', () => {
    fc.assert(
      fc.property(written, written, (one, other) => {
        const expected = objects.some((object) => covers(one, object) && covers(other, object))
        assert.ok(!expected || patternsIntersect(one, other))
      }),
      { numRuns: 300 },
    )
  })
  it('too many to be told apart are not contained', () => {
    const many = Array.from({ length: 30 }, (_, at) => pattern(`*${'ab'.repeat(at % 9)}${at}*.x`))
    assert.equal(patternsContain(many, pattern('*.x')), false)
  })
})
