import assert from 'node:assert/strict'
import type { ApprovalService } from '../../src/approval/desk.ts'
import { createApprovals } from '../../src/approval/desk.ts'
import { silentNotifier } from '../../src/approval/notify.ts'
import { silentLog } from '../../src/core/log.ts'
import type { Operation } from '../../src/core/operation.ts'
import type { Human } from '../../src/core/principal.ts'
import type { ApprovalTerms, Verdict } from '../../src/core/verdict.ts'
import { NO_OBLIGATIONS } from '../../src/core/verdict.ts'
import type { PolicySet } from '../../src/policy/ruleset.ts'
import type { CommitWaiter, Recorder } from '../../src/record/lines/trail.ts'
import { openStore } from '../../src/store/sqlite.ts'
import type { Dice } from '../support/dice.ts'
import type { TestClock } from '../support/test-clock.ts'
import { createTestClock } from '../support/test-clock.ts'

/** What the policies say of every operation: let it go, refuse it, or ask these people. */
export type Policy = 'allow' | 'deny' | 'one of dba' | 'two of dba' | 'one of owners'
export const POLICIES: readonly Policy[] = [
  'allow',
  'deny',
  'one of dba',
  'two of dba',
  'one of owners',
]

/** Everything that happened, in order. */
export type Event =
  | { readonly type: 'policy'; readonly policy: Policy }
  | Intent
  | {
      readonly type: 'outcome'
      readonly id: string
      readonly result: string
      readonly error: string
    }
  | { readonly type: 'asked'; readonly id: string }
  | { readonly type: 'closed'; readonly id: string; readonly state: string }
  /** It was let go to the target; `id` where the protocol can carry it. */
  | { readonly type: 'ran'; readonly text: string; readonly id?: string }

interface Intent {
  readonly type: 'intent'
  readonly id: string
  readonly text: string
  readonly effect: Verdict['effect']
  readonly phase: string
}

/** Real sessions' policies, approvals and records, all in memory and moved by hand. */
export interface HoldWorld {
  readonly events: Event[]
  readonly clock: TestClock
  readonly recorder: Recorder
  readonly approvals: ApprovalService
  policies(): PolicySet
  change(policy: Policy): void
  /** Writes what waits to be written. */
  commit(): void
  /** Somebody answers one of the requests that wait, if there is any. */
  answer(dice: Dice): void
  expire(): void
}

const HOUR_MS = 3_600_000
const ANN = person('Ann', 'dba', 'owners')
const BOB = person('Bob', 'dba')

/** `late`: records are written when `commit` says so, and else at once. */
export function createHoldWorld(late: boolean): HoldWorld {
  const events: Event[] = []
  const clock = createTestClock()
  let policy: Policy = 'allow'
  let version = 0
  let count = 0
  let waiting: CommitWaiter[] = []
  const recorder: Recorder = {
    openTrail: () => ({
      opened() {},
      terminal() {},
      closed() {},
      refuses: () => false,
      intent({ text, verdict: { effect }, phase }) {
        const id = `operation ${++count}`
        events.push({ type: 'intent', id, text, effect, phase })
        return id
      },
      outcome: (id, { result, error = '' }) =>
        void events.push({ type: 'outcome', id, result, error }),
    }),
    note({ type, operation = '', details }) {
      if (type === 'approval-requested') events.push({ type: 'asked', id: operation })
      if (type !== 'approval-closed') return
      events.push({ type: 'closed', id: operation, state: String(details?.['state']) })
    },
    noteOf: () => true,
    afterCommit(waiter) {
      if (late) waiting.push(waiter)
      else waiter.committed()
    },
    fault: undefined,
    close: () => Promise.resolve(),
  }
  const approvals = createApprovals({
    store: openStore(':memory:'),
    clock,
    recorder,
    notify: silentNotifier,
    log: silentLog,
    limits: { asksPerAgentMax: 1e9, pendingPerAgentMax: 1e9 },
  })
  return {
    events,
    clock,
    recorder,
    approvals,
    policies: () => policySet(policy, String(version)),
    change(next) {
      policy = next
      version += 1
      events.push({ type: 'policy', policy })
    },
    commit() {
      const due = waiting
      waiting = []
      for (const waiter of due) waiter.committed()
    },
    answer(dice) {
      const { items } = approvals.list({ state: 'pending' })
      if (items.length === 0) return
      const who = dice.pick([ANN, BOB])
      const what = dice.pick(['approve', 'approve', 'deny'] as const)
      // Bob is no owner, and requests may end before the answer is written.
      approvals.answer(dice.pick(items).id, who, what).catch(() => {})
    },
    expire() {
      clock.advance_ms(2 * HOUR_MS)
      approvals.list()
    },
  }
}

function person(name: string, ...groups: readonly string[]): Human {
  return { tenant: 't', objectId: name, name, groups, roles: ['approver'] }
}

function policySet(policy: Policy, version: string): PolicySet {
  return {
    version,
    tellsApart: () => false,
    rulesFor: () => ({
      policyVersion: version,
      grantsAnything: true,
      masks: [],
      masksOn: () => [],
      decide: (operation) => decide(operation, policy, version),
    }),
  }
}

function decide({ facts }: Operation, policy: Policy, policyVersion: string): Verdict {
  const base = { policyVersion, reasons: [], keeps: 'text' } as const
  if (facts.statements === 0 || policy === 'allow') {
    return { ...base, effect: 'allow', obligations: NO_OBLIGATIONS }
  }
  if (policy !== 'deny') {
    return { ...base, effect: 'hold', obligations: NO_OBLIGATIONS, approval: [termsOf(policy)] }
  }
  const denial = { code: 'POLICY_DENIED', message: 'Refused by a rule.', hint: 'Ask.' } as const
  return { ...base, effect: 'deny', denial }
}

function termsOf(policy: Policy): ApprovalTerms {
  return {
    approvers: { groups: [policy === 'one of owners' ? 'owners' : 'dba'], people: [] },
    count: policy === 'two of dba' ? 2 : 1,
    expires_ms: HOUR_MS,
    reasonRequired: false,
  }
}

/**
 * What holds of every history that is over: each intent has one outcome, nothing runs but what was
 * allowed when it was recorded or approved by those whom the policies ask, from the asking to the run;
 * and what people refused does not run. `late`: what was approved may still wait for a record while
 * the policies change. Returns how often what happened.
 */
export function checkHistory(events: readonly Event[], late: boolean): Map<string, number> {
  const intents = events.filter((one): one is Intent => one.type === 'intent')
  const outcomes = outcomesOf(events)
  const ran: Set<string> = runsOf(events, late, (what, ran) =>
    intents.find(
      ({ id, text }) =>
        !ran.has(id) &&
        (what.id === undefined
          ? text === what.text && HAS_RUN.test(outcomes.get(id) ?? '')
          : id === what.id),
    ),
  )
  const tally = new Map<string, number>()
  for (const { id, effect, phase } of intents) {
    if (phase === 'prepare') continue
    const outcome = outcomes.get(id)
    assert.ok(outcome !== undefined, `${id} has no outcome`)
    if (ran.has(id)) assert.doesNotMatch(outcome, /APPROVAL|DENIED/, `${id} ran`)
    else if (effect === 'hold')
      assert.match(outcome, /^(?:refused|withdrawn|skipped)/, `${id} held`)
    const what = `${effect}: ${outcome}`
    tally.set(what, (tally.get(what) ?? 0) + 1)
  }
  return tally
}

const HAS_RUN = /^(?:success|lost|error)/

function outcomesOf(events: readonly Event[]): Map<string, string> {
  const outcomes = new Map<string, string>()
  for (const one of events) {
    if (one.type !== 'outcome') continue
    assert.ok(!outcomes.has(one.id), `${one.id} has two outcomes`)
    outcomes.set(one.id, `${one.result} ${one.error}`.trim())
  }
  return outcomes
}

/** What ran, each checked against what was decided and answered before. */
function runsOf(
  events: readonly Event[],
  late: boolean,
  intentOf: (what: Extract<Event, { type: 'ran' }>, ran: ReadonlySet<string>) => Intent | undefined,
): Set<string> {
  const ran = new Set<string>()
  let policy: Policy = 'allow'
  /** What has been asked for without a break since people were asked. */
  const asked = new Map<string, Policy>()
  const approved = new Map<string, Policy | undefined>()
  const closed = new Set<string>()
  for (const one of events) {
    switch (one.type) {
      case 'intent':
      case 'outcome':
        break
      case 'policy':
        policy = one.policy
        for (const [id, under] of asked) if (under !== policy) asked.delete(id)
        break
      case 'asked':
        asked.set(one.id, policy)
        break
      case 'closed':
        assert.ok(!closed.has(one.id), `the request of ${one.id} closed twice`)
        closed.add(one.id)
        if (one.state === 'approved') approved.set(one.id, asked.get(one.id))
        break
      case 'ran': {
        const intent = intentOf(one, ran)
        assert.ok(intent !== undefined, `${one.text} ran, and no record lets it`)
        const { id, effect } = intent
        ran.add(id)
        assert.notEqual(effect, 'deny', `${id} was refused and ran`)
        if (effect === 'allow') break
        assert.ok(approved.has(id), `${id} was held and ran, and nobody approved it`)
        assert.ok(approved.get(id) !== undefined, `${id} was approved under policies long gone`)
        if (!late) assert.equal(asked.get(id), policy, `${id} ran under ${policy}`)
      }
    }
  }
  for (const one of events) {
    if (one.type === 'asked') assert.ok(closed.has(one.id), `the request of ${one.id} never ended`)
  }
  return ran
}

/** Of each there must be many, or the rounds say nothing. */
const ENDS = [
  /^allow: success/,
  /^deny: refused POLICY_DENIED/,
  /^hold: success/,
  /^hold: refused APPROVAL_DENIED/,
  /^hold: refused APPROVAL_EXPIRED/,
  /^hold: withdrawn(?: APPROVAL_WITHDRAWN)?$/,
  /^hold: withdrawn APPROVAL_SUPERSEDED/,
]

/** Plays rounds, each with dice of its own, until all have held and everything has come often. */
export async function playRounds(
  dice: Dice,
  rounds: number,
  play: (dice: Dice) => Promise<Map<string, number>>,
): Promise<void> {
  const tally = new Map<string, number>()
  for (let round = 0; round < rounds; round++) {
    try {
      for (const [what, count] of await play(dice.child(round))) {
        tally.set(what, (tally.get(what) ?? 0) + count)
      }
    } catch (error) {
      assert.fail(`round ${round}: ${String(error)}`)
    }
  }
  for (const what of ENDS) {
    const counts = [...tally].map(([name, count]) => (what.test(name) ? count : 0))
    const count = counts.reduce((sum, one) => sum + one, 0)
    assert.ok(count > rounds / 100, `${what.source} came only ${count} times`)
  }
}
