import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  context,
  operation,
  policyText,
  principalOf,
  rulesetOf,
  salesDb,
} from '../../test/support/policy/fixtures.ts'
import type { Resource } from '../core/resource.ts'
import type { Verdict } from '../core/verdict.ts'
import { parsePolicies } from './document.ts'
import { createPolicySet } from './policy-set.ts'

function setOf(...heads: readonly string[]) {
  const files = heads.map((head, index) => ({
    file: `${index}.yaml`,
    text: `name: p${index}\n${head}\nrules: [{ id: a, allow: { actions: [sql.*] } }]\n`,
  }))
  return createPolicySet(parsePolicies(files))
}

function gives(head: string, principal = principalOf({}), resource: Resource = salesDb): boolean {
  return setOf(head).rulesFor(principal, resource).grantsAnything
}

describe('who a policy is for', () => {
  it('any of its subjects', () => {
    const head = 'subjects: { agents: [etl-*], groups: [g1], roles: [R] }'
    assert.ok(gives(head))
    assert.ok(gives(head, principalOf({ name: 'x', groups: ['g0', 'g1'] })))
    assert.ok(gives(head, principalOf({ name: 'x', roles: ['R'] })))
    assert.ok(!gives(head, principalOf({ name: 'x', groups: ['R', 'g'], roles: ['g1', 'r'] })))
    assert.ok(!gives(head, principalOf({ name: 'ETL-1' })))
  })
})

describe('where a policy applies', () => {
  const all = 'subjects: { agents: ["*"] }\nresources:'
  const cases: readonly (readonly [string, boolean])[] = [
    ['{ names: [sales-db] }', true],
    ['{ names: [hr-*, sales-*] }', true],
    ['{ names: [hr-*] }', false],
    ['{ types: [mysql, postgres] }', true],
    ['{ types: [mysql] }', false],
    ['{ labels: { env: prod } }', true],
    ['{ labels: { env: test } }', false],
    ['{ labels: { env: prod, team: x } }', false],
    ['{ labels: { constructor: x } }', false],
    ['{ names: ["*"], types: [postgres], labels: { env: prod } }', true],
    ['{ names: ["*"], types: [mysql], labels: { env: prod } }', false],
    ['{}', true],
  ]
  for (const [resources, expected] of cases) {
    it(`${resources}: ${expected}`, () => assert.equal(gives(`${all} ${resources}`), expected))
  }
})

describe('rulesets', () => {
  it('grant nothing where only denies apply', () => {
    const text = policyText(['{ id: d, deny: { actions: ["*"] } }'])
    const set = createPolicySet(parsePolicies([{ file: 'p.yaml', text }]))
    assert.equal(set.rulesFor(principalOf({}), salesDb).grantsAnything, false)
  })

  it('are shared by equal principals, and by no others', () => {
    const set = setOf('subjects: { agents: ["*"] }')
    const one = set.rulesFor(principalOf({ groups: ['a'] }), salesDb)
    assert.equal(set.rulesFor(principalOf({ groups: ['a'] }), { ...salesDb }), one)
    assert.notEqual(set.rulesFor(principalOf({ groups: ['b'] }), salesDb), one)
    assert.notEqual(set.rulesFor(principalOf({ groups: ['a'], labels: { x: 'y' } }), salesDb), one)
    assert.notEqual(set.rulesFor(principalOf({ groups: ['a'] }), { ...salesDb, labels: {} }), one)
  })

  it('tell the shortest session life, without those of conditions', () => {
    const rules = [
      '{ id: a, allow: { actions: [x] }, maxSession: 2h }',
      '{ id: b, allow: { actions: [y] }, maxSession: 1h }',
      '{ id: c, allow: { actions: [z] }, maxSession: 1m, when: op.hasWhere }',
    ]
    const parsed = parsePolicies([{ file: 'p.yaml', text: policyText(rules) }])
    assert.equal(
      createPolicySet(parsed).rulesFor(principalOf({}), salesDb).maxSession_ms,
      3_600_000,
    )
  })

  it('cost nothing for policies of others', () => {
    const mine = 'subjects: { agents: [etl-1] }'
    const others = Array.from({ length: 50 }, (_, at) => `subjects: { agents: [other-${at}] }`)
    const looks = (set: ReturnType<typeof setOf>): number => {
      const ruleset = set.rulesFor(principalOf({}), salesDb)
      let count = 0
      const asked = operation(['sql.select s.t'])
      const [only] = asked.accesses
      const counted = new Proxy(only!, {
        get: (target, key) => {
          if (key === 'action') count++
          return Reflect.get(target, key) as unknown
        },
      })
      ruleset.decide({ ...asked, accesses: [counted] }, context)
      return count
    }
    assert.ok(looks(setOf(mine)) > 0)
    assert.equal(looks(setOf(mine, ...others)), looks(setOf(mine)))
  })

  it('name the version of the files they came from', () => {
    const set = setOf('subjects: { agents: ["*"] }')
    const ruleset = set.rulesFor(principalOf({}), salesDb)
    assert.match(set.version, /^[0-9a-f]{64}$/)
    assert.equal(ruleset.policyVersion, set.version)
    assert.equal(ruleset.decide(operation([]), context).policyVersion, set.version)
  })
})

describe('operations that access the same', () => {
  const written = [
    `{ id: read, allow: { actions: [sql.select], objects: [sales.public.*] },
       mask: [{ columns: [sales.public.t.secret], with: redact, predicates: deny }] }`,
    "{ id: text, deny: { text: ['forbidden'] } }",
  ]
  const secret = ['sales', 'public', 't', 'secret']
  const accesses = ['sql.select sales.public.t (secret)']
  const plain = operation(accesses)
  const probing = operation(accesses, { predicates: [secret] })
  const codeOf = (verdict: Verdict) => (verdict.effect === 'deny' ? verdict.denial.code : 'allow')

  it('share a verdict, but not what else they read', () => {
    for (const order of [
      [plain, probing],
      [probing, plain],
    ]) {
      const rules = rulesetOf(written)
      for (let round = 0; round < 3; round++) {
        for (const one of order) {
          assert.equal(
            codeOf(rules.decide(one, context)),
            one === plain ? 'allow' : 'MASKED_PREDICATE',
          )
        }
      }
    }
  })

  it('share a verdict, but not the text that it was given for', () => {
    const rules = rulesetOf(written)
    const forbidden = { ...context, text: 'SELECT forbidden' }
    for (let round = 0; round < 3; round++) {
      assert.equal(codeOf(rules.decide(plain, context)), 'allow')
      assert.equal(codeOf(rules.decide(operation(accesses), forbidden)), 'POLICY_DENIED')
      assert.equal(rules.decide(operation(accesses), context), rules.decide(plain, context))
    }
  })

  it('are those with the same parts and grants, too', () => {
    const rules = rulesetOf(written)
    assert.equal(
      codeOf(rules.decide(operation(['sql.select sales.other.t']), context)),
      'POLICY_NO_MATCH',
    )
    assert.equal(codeOf(rules.decide(operation(['~sql.select sales.other.t']), context)), 'allow')
    const columns = rulesetOf(['{ id: a, allow: { actions: [x], objects: [s.t.a] } }'])
    assert.equal(codeOf(columns.decide(operation(['x s.t (a)']), context)), 'allow')
    assert.equal(codeOf(columns.decide(operation(['x s.t (a, b)']), context)), 'POLICY_NO_MATCH')
    assert.equal(codeOf(columns.decide(operation(['x s.t (*)']), context)), 'POLICY_NO_MATCH')
    assert.equal(codeOf(columns.decide(operation(['x s.t (a)']), context)), 'allow')
  })
})
