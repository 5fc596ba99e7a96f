import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  context,
  operation,
  policyText,
  principalOf,
  salesDb,
} from '../../../test/support/policy/fixtures.ts'
import type { Operation } from '../../core/operation.ts'
import { parsePolicies } from '../document.ts'
import { explain } from './explain.ts'
import { formatExplanation } from './format-explanation.ts'

const RULES = [
  '{ id: read, allow: { actions: [sql.select], objects: [s.t] }, maxRows: 5, mask: [{ columns: [s.t.b], with: hash }] }',
  '{ id: other, allow: { actions: [sql.select], objects: [s.u] } }',
  '{ id: write, hold: { actions: [sql.update], objects: [s.t] }, approvers: { groups: [dba] }, when: op.hasWhere }',
  '{ id: slow, deny: { text: [pg_sleep] } }',
]

function explained(asked: Operation, text = 'SELECT a, b FROM t') {
  const head = (resources: string) => `resources: ${resources}\n`
  const { policies, version } = parsePolicies([
    { file: 'p.yaml', text: policyText(RULES) },
    { file: 'q.yaml', text: policyText([RULES[1]!], 'q').replace('"*"', 'nobody') },
    { file: 'r.yaml', text: policyText([RULES[1]!], 'r', head('{ names: [hr] }')) },
    { file: 's.yaml', text: policyText([RULES[1]!], 's', head('{ types: [mysql] }')) },
    { file: 't.yaml', text: policyText([RULES[1]!], 't', head('{ labels: { env: x } }')) },
  ])
  return explain({ policies, version }, principalOf({}), salesDb, asked, { ...context, text })
}

describe('explanations', () => {
  const read = operation(['sql.select s.t (a, b)'])
  const update = operation(['sql.update s.t'], {
    facts: { statements: 1, readOnly: false, hasWhere: false },
  })
  const parts = (asked: Operation, text?: string) =>
    explained(asked, text).policies[0]?.rules.map(({ part }) => part)

  it('say of every rule whether it took part', () => {
    assert.deepEqual(parts(read), ['yes', 'object', 'action', 'text'])
    assert.deepEqual(parts(update), ['action', 'action', 'condition', 'text'])
    assert.deepEqual(parts(update, 'pg_sleep'), ['action', 'action', 'condition', 'yes'])
  })

  it('say why a policy does not apply', () => {
    assert.deepEqual(
      explained(read).policies.map(({ whyNot }) => whyNot),
      [undefined, 'subjects', 'resource names', 'resource types', 'resource labels'],
    )
  })

  it('decide as the gateway does', () => {
    assert.equal(explained(read).verdict.effect, 'allow')
    assert.equal(explained(update).verdict.effect, 'deny')
  })

  it('are readable', () => {
    assert.equal(
      formatExplanation(explained(read), read),
      `allow
  masks columns with hash (p/read)
  at most 5 rows, then an error

What it does:
  sql.select on s.t (a, b)

Policies that apply:
  p
    * allow read: takes part
    - allow other: speaks of other objects
    - hold write: speaks of other actions
    - deny slow: its texts are not in it

Policies that do not:
  q: for other subjects
  r: for other resource names
  s: for other resource types
  t: for other resource labels
`,
    )
    const denied = formatExplanation(explained(update), update)
    assert.ok(denied.startsWith('deny (POLICY_NO_MATCH)\n  Agent etl-1 has no rule'))
    assert.ok(denied.includes('- hold write: its condition is false: op.hasWhere'))
  })
})
