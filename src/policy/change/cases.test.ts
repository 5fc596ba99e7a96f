import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { operation, policyText } from '../../../test/support/policy/fixtures.ts'
import { InvalidDocument } from '../../document/problems.ts'
import { parsePolicies } from '../document.ts'
import { createPolicySet } from '../policy-set.ts'
import type { Classify } from './cases.ts'
import { parseCases, runCases } from './cases.ts'

const RULES = [
  '{ id: read, allow: { actions: [sql.select], objects: [s.t] }, maxRows: 5, mask: [{ columns: [s.t.b], with: hash }] }',
  '{ id: write, hold: { actions: [sql.update], objects: [s.t] }, approvers: { groups: [dba] }, when: op.hasWhere }',
  '{ id: late, deny: { actions: [sql.select], objects: [s.t] }, when: \'now > timestamp("2026-01-02T00:00:00Z")\' }',
]

const classify: Classify = (text) =>
  text.startsWith('SELECT')
    ? { operation: operation(['sql.select s.t (a, b)']) }
    : { denial: { code: 'SQL_SYNTAX', message: 'No.', hint: 'None.' } }

const HEAD = `
agent: { name: etl-1 }
resource: { name: sales-db, type: postgres }
catalog: { database: s }
cases:
`

function run(...cases: readonly string[]) {
  const parsed = parseCases({
    file: 'c.yaml',
    text: `${HEAD}${cases.map((one) => `  - { name: n, ${one} }\n`).join('')}`,
  })
  const set = createPolicySet(parsePolicies([{ file: 'p.yaml', text: policyText(RULES) }]))
  return runCases(set, parsed, classify, 0)
}

describe('cases', () => {
  it('pass where everything is as expected', () => {
    const results = run(
      'sql: SELECT, expect: allow, rule: p/read, masks: [s.t.b], clear: [s.t.a], maxRows: 5',
      'operation: { accesses: [{ action: sql.update, object: s.t }] }, expect: hold, rule: p/write',
      'operation: { accesses: [{ action: sql.update, object: s.t }], hasWhere: false }, expect: deny, code: POLICY_NO_MATCH',
      'sql: SELECT, at: "2026-01-03T00:00:00Z", expect: deny, rule: p/late, code: POLICY_DENIED',
      'sql: SELCT, expect: deny, code: SQL_SYNTAX',
      'sql: SELECT, agent: { name: x, groups: [g] }, expect: allow',
    )
    assert.deepEqual(
      results.flatMap(({ problems }) => problems),
      [],
    )
  })

  it('fail with what came instead, and their place', () => {
    const results = run(
      'sql: SELECT, expect: deny',
      'sql: SELCT, expect: allow',
      'sql: SELECT, expect: allow, rule: p/write, masks: [s.t.a], clear: [s.t.b], maxRows: 9',
      'sql: SELCT, expect: deny, code: POLICY_DENIED, rule: p/late',
    )
    assert.deepEqual(
      results.map(({ problems }) => problems),
      [
        ['expected deny, and it is allow'],
        ['expected allow, and it is deny (SQL_SYNTAX: No.)'],
        [
          'expected rule p/write, and it is p/read',
          's.t.a is not masked',
          's.t.b is masked',
          'expected at most 9 rows, and it is 5',
        ],
        [
          'expected rule p/late, and it is none',
          'expected code POLICY_DENIED, and it is SQL_SYNTAX',
        ],
      ],
    )
    assert.deepEqual(results[1]?.place, { file: 'c.yaml', line: 7, column: 5, field: 'cases[1]' })
    assert.ok(results.every(({ passed }) => !passed))
  })
})

describe('files of cases that are wrong', () => {
  const problems = (text: string): readonly string[] => {
    try {
      parseCases({ file: 'c.yaml', text })
    } catch (error) {
      assert.ok(error instanceof InvalidDocument)
      assert.equal(error.code, 'POLICY_INVALID')
      return error.problems.map(({ place, message }) => `${place.field}: ${message}`)
    }
    return []
  }
  const wrong: readonly (readonly [string, string])[] = [
    ['expect: allow', 'cases[0]: must have exactly one of sql and operation'],
    ['sql: x, expect: maybe', 'cases[0].expect: must be one of allow, hold, deny'],
    ['sql: x, expect: allow, code: POLICY_DENIED', 'cases[0].code: is for expect: deny'],
    ['sql: x, expect: deny, maxRows: 4', 'cases[0].maxRows: has no meaning for what is denied'],
    ['sql: x, expect: allow, masks: [a.*]', 'cases[0].masks[0]: must be an object, without "*"'],
    ['sql: x, expect: allow, at: noon', 'cases[0].at: must be a time such as 2026-11-24T09:00:00Z'],
    ['sql: x, expect: allow, mask: []', 'cases[0].mask: unknown key `mask`'],
  ]
  for (const [one, problem] of wrong) {
    it(one, () => assert.deepEqual(problems(`${HEAD}  - { name: n, ${one} }\n`), [problem]))
  }

  it('need an agent, a resource, and a catalog for SQL', () => {
    assert.deepEqual(problems('cases: [{ name: n, sql: x, expect: deny }]'), [
      'cases[0]: has no agent, and there is none above',
      'cases[0]: has no resource, and there is none above',
      'cases[0]: has sql, and there is no catalog above',
    ])
  })
})
