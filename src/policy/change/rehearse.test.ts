import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  operation,
  policyText,
  principalOf,
  salesDb,
} from '../../../test/support/policy/fixtures.ts'
import { parsePolicies } from '../document.ts'
import { createPolicySet } from '../policy-set.ts'
import type { Decided } from './rehearse.ts'
import { createRehearsal } from './rehearse.ts'

const session = {
  id: 's1',
  startedAt_ms: 0,
  clientAddress: '10.0.0.1',
  principal: principalOf({ name: 'etl-1' }),
  resource: salesDb,
}

function decided(access: string, effect: Decided['effect'], at_ms: number): Decided {
  return {
    session,
    at_ms,
    text: access,
    operation: operation([access], { fingerprint: access }),
    effect,
  }
}

const RULES = [
  '{ id: read, allow: { actions: [sql.select], objects: [sales.public.*] } }',
  '{ id: ask, hold: { actions: [sql.update] }, approvers: { groups: [g] } }',
]
const NARROW = createPolicySet(
  parsePolicies([{ file: 'p.yaml', text: policyText(RULES, 'narrow') }]),
)

test('alike changes are counted together, with the last one to look at', () => {
  const rehearsal = createRehearsal(NARROW)
  rehearsal.add(decided('sql.select sales.public.t', 'allow', 1))
  for (const at_ms of [2, 3]) rehearsal.add(decided('sql.delete sales.public.t', 'allow', at_ms))
  rehearsal.add(decided('sql.update sales.public.t', 'allow', 4))
  rehearsal.add(decided('sql.update sales.public.t', 'hold', 5))
  rehearsal.add(decided('sql.select sales.public.u', 'deny', 6))
  const { operations, changed, changes } = rehearsal.result()
  assert.deepEqual([operations, changed], [6, 4])
  assert.deepEqual(
    changes.map(({ was, now, count, rules, code, last_ms }) => [
      was,
      now,
      count,
      rules,
      code,
      last_ms,
    ]),
    [
      ['allow', 'deny', 2, [], 'POLICY_NO_MATCH', 3],
      ['allow', 'hold', 1, ['narrow/ask'], undefined, 4],
      ['deny', 'allow', 1, ['narrow/read'], undefined, 6],
    ],
  )
})
