import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApprovalOutcome, ApprovalRequest, Held } from '../approval/approvals.ts'
import { ChaperoneError } from '../core/errors.ts'
import type { HoldVerdict, Verdict } from '../core/verdict.ts'
import { NO_OBLIGATIONS } from '../core/verdict.ts'
import { Hold } from './hold.ts'
import { unread } from './operations.ts'

const BASE = {
  obligations: NO_OBLIGATIONS,
  policyVersion: 'v',
  reasons: [],
  keeps: 'text',
} as const
const ASKS = verdictFor('dba')
const ALLOWS: Verdict = { ...BASE, effect: 'allow' }
const SHOWN = {
  operation: unread({ code: 'POLICY_DENIED', message: '', hint: '' }),
  text: 'DROP TABLE t',
  digest: 'd',
}
const APPROVED: ApprovalOutcome = { type: 'approved', answers: [] }
const DENIED: ApprovalOutcome = { type: 'denied', answers: [] }

function verdictFor(group: string): HoldVerdict {
  const approvers = { groups: [group], people: [] }
  const terms = { approvers, count: 1, expires_ms: 1, reasonRequired: false }
  return { ...BASE, effect: 'hold', approval: [terms] }
}

function open(refuses = false) {
  const seen = { waiting: 0, overs: 0, asked: [] as ApprovalRequest[], withdrawn: [] as string[] }
  let settle: (outcome: ApprovalOutcome) => void = () => {}
  const approvals = {
    ask(request: ApprovalRequest): Held {
      if (refuses) throw new Error('the store is gone')
      seen.asked.push(request)
      const settled = new Promise<ApprovalOutcome>((resolve) => (settle = resolve))
      const withdraw = (why = 'withdrawn') => void seen.withdrawn.push(why)
      return { id: 'a', expiresAt_ms: 0, asked: '', settled, withdraw }
    },
  }
  const session = {
    id: 's',
    principal: { agent: { name: 'etl-1' } },
    resource: { name: 'sales-db' },
    meter: { holds: (change: number) => void (seen.waiting += change) },
  } as never
  const begun = { operationId: 'o', began_ms: 0 }
  const hold = new Hold({ session, approvals }, { begun, verdict: ASKS }, () => void seen.overs++)
  return {
    hold,
    seen,
    answer: async (outcome: ApprovalOutcome) => {
      settle(outcome)
      await Promise.resolve()
    },
  }
}

test('people are told of the session, the operation and the decision', () => {
  const { hold, seen } = open()
  assert.equal(hold.isAsked, false)
  assert.equal(hold.ask(SHOWN)?.id, 'a')
  assert.equal(hold.isAsked, true)
  const [{ operationId, sessionId, verdict, text }] = seen.asked as [ApprovalRequest]
  assert.deepEqual([operationId, sessionId, verdict, text], ['o', 's', ASKS, 'DROP TABLE t'])
  assert.equal(seen.waiting, 1)
})

test('it comes to one outcome, is counted once and told once', async () => {
  const { hold, seen, answer } = open()
  hold.ask(SHOWN)
  await answer(APPROVED)
  assert.equal(hold.approved, true)
  assert.equal(hold.refusal, undefined)
  hold.settle({ type: 'expired' })
  hold.withdraw('withdrawn')
  assert.equal(hold.approved, true)
  assert.deepEqual([seen.waiting, seen.overs, seen.withdrawn], [0, 1, []])
})

test('a refusal stays one, whatever policies say later', async () => {
  const { hold, answer } = open()
  hold.ask(SHOWN)
  await answer(DENIED)
  hold.meet(ALLOWS)
  assert.deepEqual(hold.refusal, DENIED)
  assert.equal(hold.superseded, false)
})

for (const [what, now, isVoid] of [
  ['the same people', verdictFor('dba'), false],
  ['other people', verdictFor('owners'), true],
  ['nobody', ALLOWS, true],
] as const) {
  test(`where policies now ask ${what}, an approval is ${isVoid ? 'void' : 'good'}`, async () => {
    const { hold, seen, answer } = open()
    hold.ask(SHOWN)
    await answer(APPROVED)
    hold.meet(now)
    assert.equal(hold.superseded, isVoid)
    assert.equal(hold.approved, !isVoid)
    assert.deepEqual([seen.waiting, seen.overs], [0, 1])
  })

  test(`where policies now ask ${what}, a request is ${isVoid ? 'taken back' : 'left'}`, () => {
    const { hold, seen } = open()
    hold.ask(SHOWN)
    hold.meet(now)
    // It is over once the approvals say so.
    assert.deepEqual(seen.withdrawn, isVoid ? ['superseded'] : [])
    assert.equal(hold.outcome, undefined)
  })
}

test('what nobody was asked about yet is over at once', () => {
  const { hold, seen } = open()
  hold.withdraw('withdrawn')
  assert.deepEqual(hold.refusal, { type: 'withdrawn' })
  assert.deepEqual([seen.waiting, seen.overs], [0, 1])
})

test('where nobody can be asked, that is its outcome', () => {
  const { hold, seen } = open(true)
  assert.equal(hold.ask(SHOWN), undefined)
  assert.ok(hold.refusal instanceof ChaperoneError)
  assert.equal(hold.refusal.code, 'APPROVAL_UNAVAILABLE')
  assert.equal(seen.waiting, 0)
})
