import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decideBy, operation } from '../../test/support/policy/fixtures.ts'
import type { ObjectPath } from '../core/object.ts'

function masked(columns: string, more = ''): string {
  const mask = `[{ columns: [${columns}], with: redact${more} }]`
  return `{ id: a, allow: { actions: [sql.*], objects: [s] }, mask: ${mask} }`
}

function codeOf(rule: string, change: Parameters<typeof operation>[1], more: string[] = []) {
  const verdict = decideBy([rule], operation(['sql.select s.t (*)', ...more], change))
  return verdict.effect === 'deny' ? verdict.denial.code : verdict.effect
}

const T = ['s', 't']
//            columns of the mask, path, whether the value may be in it
const cases: readonly (readonly [string, ObjectPath, boolean])[] = [
  ['s.t.email', [...T, 'email'], true],
  ['s.t.email', [...T, 'id'], false],
  ['s.t.email', T, true],
  ['s.t.email', ['s'], true],
  ['s.t.email', ['s', 'u'], false],
  ['s.*.email', T, true],
  ['"**.email"', [...T, 'email'], true],
  ['"**.email"', [...T, 'id'], false],
  ['"**.email"', T, true],
  ['s.t.address.city', [...T, 'address'], true],
  ['s.t.address.city', [...T, 'address', 'street'], false],
  ['s.t', T, true],
]

describe('a mask and a path that may end above the columns', () => {
  for (const [columns, path, reads] of cases) {
    it(`${columns}, ${path.join('.')}: ${reads ? 'refused' : 'allowed'}`, () => {
      const strict = masked(columns, ', predicates: deny')
      assert.equal(codeOf(strict, { predicates: [path] }), reads ? 'MASKED_PREDICATE' : 'allow')
      assert.equal(codeOf(masked(columns), { predicates: [path] }), 'allow')
      const output = { name: 'x', sources: [{ column: path, exact: false }] }
      assert.equal(codeOf(strict, { results: [[output]] }), reads ? 'MASKED_PREDICATE' : 'allow')
      const copies = [{ from: path, to: ['s', 'x', 'y'] }]
      assert.equal(codeOf(masked(columns), { copies }), reads ? 'MASK_UNPROVABLE' : 'allow')
      const defined = [{ from: path, to: ['s', 'x', 'y'], defined: true as const }]
      assert.equal(
        codeOf(masked(columns), { copies: defined }),
        reads ? 'MASK_UNPROVABLE' : 'allow',
      )
    })
  }

  it('a copy to where the mask shows nothing either is none', () => {
    const copies = [{ from: T, to: ['s', 'backup', 'email'] }]
    assert.equal(codeOf(masked('s.t.email, s.backup'), { copies }), 'allow')
    assert.equal(codeOf(masked('s.t.email'), { copies }), 'MASK_UNPROVABLE')
  })
})
