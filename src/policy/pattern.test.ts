import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { formatObject } from '../core/object.ts'
import type { Pattern } from './pattern.ts'
import {
  covers,
  foldCase,
  matchesGlob,
  overlaps,
  parseGlob,
  parsePattern,
  touchesPart,
} from './pattern.ts'

function pattern(source: string): Pattern {
  const parsed = parsePattern(source)
  assert.ok(typeof parsed !== 'string', source)
  return parsed
}

const path = (written: string) => (written === '' ? [] : written.split('.'))

describe('globs', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['sql.select', 'sql.select', true],
    ['sql.select', 'sql.selects', false],
    ['sql.*', 'sql.ddl.drop', true],
    ['sql.*', 'sql', false],
    ['sql.ddl.*', 'sql.ddl', false],
    ['*', '', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'acb', false],
    ['a*bb*b', 'abb', false],
    ['a*bb*b', 'abbb', true],
    ['etl-*', 'ETL-1', false],
    ['Microsoft.Compute/*/delete', 'microsoft.compute/virtualMachines/DELETE', true],
  ]
  for (const [glob, text, expected] of cases) {
    it(`${glob} ${expected ? 'matches' : 'does not match'} ${text}`, () => {
      assert.equal(matchesGlob(parseGlob(glob), text), expected)
    })
  }

  it('matches as a plain expression would', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })
    const globs = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 })
    fc.assert(
      fc.property(globs, letters, (glob, text) => {
        const expression = new RegExp(`^${glob.replaceAll('*', '.*')}$`)
        assert.equal(matchesGlob(parseGlob(glob), text), expression.test(text))
      }),
    )
  })
})

describe('case', () => {
  it('folds letter by letter', () => {
    assert.equal(foldCase('AbC/Σ'), foldCase('aBc/σ'))
    assert.ok(matchesGlob(parseGlob('a/ΑΣ*'), 'a/ΑΣΒ'))
  })
  it('takes no look-alike for an ASCII letter', () => {
    assert.equal(matchesGlob(parseGlob('x/k'), 'x/\u212a'), false)
    assert.equal(matchesGlob(parseGlob('x/i'), 'x/\u0131'), false)
    assert.equal(matchesGlob(parseGlob('x/s'), 'x/\u017f'), false)
  })
  it('is ignored between slashes, and counts between dots', () => {
    assert.ok(covers(pattern('default/Secrets'), ['default', 'secrets', 'db']))
    assert.ok(!covers(pattern('sales.Public'), ['sales', 'public']))
  })
})

describe('patterns', () => {
  //     pattern, object, covers, overlaps
  const cases: readonly (readonly [string, string, boolean, boolean])[] = [
    ['sales', 'sales', true, true],
    ['sales', 'sales.public.orders', true, true],
    ['sales.public.orders', 'sales', false, true],
    ['sales.public.orders', 'sales.public', false, true],
    ['sales.public.orders', 'sales.hr', false, false],
    ['sales.public.*', 'sales.public', false, true],
    ['sales.public.*', 'sales.public.orders.id', true, true],
    ['sales.*.orders', 'sales.hr.orders', true, true],
    ['sales.*.orders', 'sales.hr.x.orders', false, false],
    ['sales.pub*', 'sales.public', true, true],
    ['**', '', true, true],
    ['**', 'a.b', true, true],
    ['sales.**', 'sales', true, true],
    ['sales.**', 'hr', false, false],
    ['**.email', 'sales.public.customers.email', true, true],
    ['**.email', 'sales.public.customers', false, true],
    ['a.**.b.**.c', 'a.b.c', true, true],
    ['a.**.b.**.c', 'a.x.b.c.b', true, true],
    ['a.**.b.**.c', 'a.x.c.b', false, true],
    ['"sales.eu".public', 'sales.eu.public', false, false],
  ]
  for (const [source, object, isCovered, isOverlapped] of cases) {
    it(`${source} and ${object === '' ? 'the root' : object}`, () => {
      assert.equal(covers(pattern(source), path(object)), isCovered, 'covers')
      assert.equal(overlaps(pattern(source), path(object)), isOverlapped, 'overlaps')
    })
  }

  it('end at the part, where they have **', () => {
    const parts: readonly (readonly [string, string, boolean])[] = [
      ['**.ssn', 'd.s.t.ssn', true],
      ['**.ssn', 'd.s.t.id', false],
      ['d.s.t.address.city', 'd.s.t.address', true],
      ['**.address.city', 'd.s.t.address', true],
      ['**.address.city', 'd.s.t.city', false],
      ['d.**', 'd.s.t.id', true],
      ['d.s.t.*', 'd.s.t.id', true],
      ['d.s.t.id.**', 'd.s.t.id', true],
      ['d.s.u', 'd.s.t.id', false],
    ]
    for (const [source, part, touched] of parts) {
      assert.equal(touchesPart(pattern(source), path(part)), touched, `${source} ${part}`)
    }
  })

  it('say what is wrong with them', () => {
    const wrong = {
      '"a': 'a quotation mark is not closed',
      'a..b': 'a segment is empty',
      '.a': 'a segment is empty',
      'a.': 'a segment is empty',
      'a.b**': '"**" must stand alone between dividers',
      '***': '"**" must stand alone between dividers',
    }
    for (const [source, why] of Object.entries(wrong)) assert.equal(parsePattern(source), why)
  })

  it('hold any name, quoted', () => {
    assert.ok(covers(pattern('"a.b"."c""d"'), ['a.b', 'c"d']))
    assert.ok(covers(pattern('a."**"'), ['a', '**']))
    assert.ok(!covers(pattern('a."*"'), ['a', 'b']))
    assert.ok(covers(pattern('a."x."*'), ['a', 'x.y']))
    assert.ok(covers(pattern('"a/b".c'), ['a/b', 'c']))
  })

  it('do not take longer than the product of the lengths', () => {
    let asked = 0
    const long = Array.from({ length: 2000 }, (_, at) => (at % 2 === 0 ? 'a' : 'b'))
    const counting = new Proxy(long, {
      get: (target, key) => {
        if (typeof key === 'string' && /^\d/.test(key)) asked++
        return Reflect.get(target, key) as unknown
      },
    })
    const source = Array.from({ length: 12 }, () => '**.a.b').join('.')
    assert.ok(!covers(pattern(`${source}.z`), counting))
    assert.ok(asked < 100_000, `${asked} segments looked at`)
  })
})

describe('laws', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '.', '/', '"', '*', 'É'), maxLength: 3 })
  const object = fc.array(name, { minLength: 1, maxLength: 4 })
  const segment = fc.constantFrom('a', 'b', '*', '**', 'a*', '*b', '"."')
  const written = fc.array(segment, { minLength: 1, maxLength: 5 }).map((all) => all.join('.'))

  it('an object as it is written matches itself', () => {
    fc.assert(
      fc.property(object, (one) => {
        const { segments } = pattern(formatObject(one))
        assert.deepEqual(
          segments,
          one.map((text) => ({ parts: [text], ignoreCase: false })),
        )
        assert.ok(covers(pattern(formatObject(one)), one))
      }),
    )
  })
  it('what is covered is overlapped', () => {
    fc.assert(
      fc.property(written, object, (source, one) => {
        const parsed = pattern(source)
        assert.ok(!covers(parsed, one) || overlaps(parsed, one))
      }),
    )
  })
  it('what covers an object covers what is inside it', () => {
    fc.assert(
      fc.property(written, object, name, (source, one, inner) => {
        const parsed = pattern(source)
        assert.ok(!covers(parsed, one) || covers(parsed, [...one, inner]))
      }),
    )
  })
  it('what overlaps an object overlaps what contains it', () => {
    fc.assert(
      fc.property(written, object, (source, one) => {
        const parsed = pattern(source)
        assert.ok(!overlaps(parsed, one) || overlaps(parsed, one.slice(0, -1)))
      }),
    )
  })
  it('a part that is covered is touched, and what is touched is overlapped', () => {
    fc.assert(
      fc.property(written, object, (source, one) => {
        const parsed = pattern(source)
        assert.ok(!covers(parsed, one) || touchesPart(parsed, one))
        assert.ok(!touchesPart(parsed, one) || overlaps(parsed, one))
      }),
    )
  })
})

it('all namespaces at once are covered by `*` alone, and touched by each', () => {
  const all = ['*', 'secrets']
  for (const text of ['*/secrets', '*/secrets/**', '**'])
    assert.ok(covers(pattern(text), all), text)
  for (const text of ['prod/secrets', 'p*/secrets', 'prod/**']) {
    assert.ok(!covers(pattern(text), all), text)
    assert.ok(overlaps(pattern(text), all), text)
  }
  assert.ok(!overlaps(pattern('prod/pods'), all))
})
