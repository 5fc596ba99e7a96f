import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestClock } from '../../test/support/test-clock.ts'
import type { Operation, Output } from '../core/operation.ts'
import type { Principal } from '../core/principal.ts'
import type { MaskRule, Verdict } from '../core/verdict.ts'
import type { PolicySet, Ruleset } from '../policy/ruleset.ts'
import type { SessionHost } from './governed.ts'
import { openGovernedSession } from './governed.ts'
import { createMemory } from './shares.ts'

const SECRET = ['db', 'public', 't', 'secret']
const CLEAN = ['db', 'public', 't', 'clean']

const mask: MaskRule = {
  type: 'columns',
  covers: (column) => column.at(-1) === 'secret',
  with: { name: 'redact' },
  predicates: 'allow',
  policy: 'p',
  rule: 'r',
}

/** The same for every operation, as a ruleset gives it to all that access the same. */
const verdict: Verdict = {
  effect: 'allow',
  obligations: { masks: [mask], onMaxRows: 'error' },
  policyVersion: 'v',
  reasons: [],
  keeps: 'text',
}

function showing(column: readonly string[]): Operation {
  const output: Output = { name: 'x', sources: [{ column, exact: true }] }
  return {
    kind: 'SELECT',
    fingerprint: '',
    accesses: [],
    predicates: [],
    results: [[output]],
    facts: { statements: 1, readOnly: true, hasWhere: true },
  }
}

function openSession(keeps: Verdict['keeps']) {
  const nothing = () => {}
  const ruleset = {
    grantsAnything: true,
    policyVersion: 'v',
    decide: () => given,
  } as unknown as Ruleset
  const given: Verdict = { ...verdict, keeps }
  const host = {
    clock: createTestClock(),
    registry: { admit: nothing },
    policies: () => ({ rulesFor: () => ruleset }) as unknown as PolicySet,
    memory: createMemory({ bytesMax: 2 ** 30, perHolderMax: 2 ** 28 }),
    recorder: { openTrail: () => ({ refuses: () => false }) },
    metrics: { session: () => ({ opened: nothing }) },
  } as unknown as SessionHost
  return openGovernedSession(
    host,
    {
      principal: { agent: { name: 'a' }, tokenExpiresAt_ms: Infinity } as Principal,
      resource: { name: 'db', type: 'postgres', labels: {} },
      protocol: 'postgres',
      clientAddress: '::1',
      life: { max_ms: 1000, idle_ms: 1000, bindToToken: false },
    },
    { end: nothing, judgeAgain: () => [] },
  )
}

for (const keeps of ['shape', 'text', 'moment'] as const) {
  test(`operations with one verdict are masked each by its own columns: ${keeps}`, () => {
    const session = openSession(keeps)
    const clean = showing(CLEAN)
    const secret = showing(SECRET)
    for (let round = 0; round < 2; round++) {
      assert.deepEqual(session.judge(clean, 'a').plans[0]?.columns, ['pass'])
      const [column] = session.judge(secret, 'b').plans[0]!.columns
      assert.ok(typeof column === 'object' && column.type === 'masked')
    }
    assert.equal(session.judge(secret, 'b'), session.judge(secret, 'c'))
  })
}
