import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { policyText } from '../../test/support/policy/fixtures.ts'
import { parsePolicies } from './document.ts'
import { createPolicySet } from './policy-set.ts'

describe('a part is told apart from its whole', () => {
  const tells = (rule: string) => {
    const parsed = parsePolicies([{ file: 'p.yaml', text: policyText([rule]) }])
    return createPolicySet(parsed).tellsApart(['s', 'public', 't_1'], ['s', 'public', 't'])
  }
  const read = 'allow: { actions: [sql.select], objects: [s.public.*] }'
  const mask = (column: string) => `mask: [{ columns: [s.public.${column}], with: redact }]`
  const cases: readonly (readonly [what: string, rule: string, expected: boolean])[] = [
    ['nothing is said of it', `{ id: a, ${read} }`, false],
    ['a deny of it', '{ id: a, deny: { actions: [sql.delete], objects: [s.public.t_1] } }', true],
    ['a deny of one column', '{ id: a, deny: { objects: [s.public.t_1.email] } }', true],
    ['a deny of both', '{ id: a, deny: { actions: [sql.delete], objects: [s.public.t*] } }', false],
    ['a mask in it', `{ id: a, ${read}, ${mask('t_1.email')} }`, true],
    ['a mask in both', `{ id: a, ${read}, ${mask('*.email')} }`, false],
    ['a mask in the whole alone', `{ id: a, ${read}, ${mask('t.email')} }`, false],
    [
      'a limit on it',
      '{ id: a, allow: { actions: [sql.select], objects: [s.public.t_1] }, maxRows: 5 }',
      true,
    ],
    [
      'a grant of it',
      '{ id: a, allow: { actions: [sql.select], objects: [s.public.t_1] } }',
      false,
    ],
  ]
  for (const [what, rule, expected] of cases) {
    it(`${what}: ${expected}`, () => assert.equal(tells(rule), expected))
  }
})
