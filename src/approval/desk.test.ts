import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChaperoneError } from '../core/errors.ts'
import { silentLog } from '../core/log.ts'
import type { Human } from '../core/principal.ts'
import type { ApprovalTerms } from '../core/verdict.ts'
import type { CommitWaiter, Note } from '../record/lines/trail.ts'
import { openStore } from '../store/sqlite.ts'
import type { ApprovalRequest } from './approvals.ts'
import { createApprovals } from './desk.ts'
import { SETTLED_KEPT_MS } from './limits.ts'
import type { ApprovalView } from './view.ts'

const NOW_MS = Date.parse('2026-11-24T09:00:00Z')
const MINUTE_MS = 60_000

const DBA: ApprovalTerms = {
  approvers: { groups: ['dba'], people: [] },
  count: 1,
  expires_ms: 15 * MINUTE_MS,
  reasonRequired: false,
}

function human(name: string, facts: Partial<Human> = {}): Human {
  return {
    tenant: 't1',
    objectId: `oid-${name}`,
    name,
    groups: ['dba'],
    roles: ['approver'],
    ...facts,
  }
}

function request(
  terms: ApprovalTerms | readonly ApprovalTerms[] = DBA,
  facts: Partial<ApprovalRequest> = {},
): ApprovalRequest {
  return {
    operationId: 'op-1',
    sessionId: 'session-1',
    principal: {
      agent: {
        name: 'etl-1',
        tenant: 't1',
        objectId: 'oid-agent',
        owner: 'oid-olga',
        purpose: 'nightly load',
        labels: {},
        disabled: false,
      },
      groups: [],
      roles: [],
      via: 'token',
      tokenId: 'uti',
      tokenExpiresAt_ms: NOW_MS + 60 * MINUTE_MS,
    },
    resource: { name: 'sales-db', type: 'postgres', labels: { env: 'prod' } },
    operation: {
      kind: 'UPDATE',
      fingerprint: 'f1',
      accesses: [
        { action: 'sql.update', object: ['sales', 'public', 'orders'], grant: 'required' },
      ],
      predicates: [],
      results: ['none'],
      facts: { statements: 1, readOnly: false, hasWhere: true },
    },
    text: 'UPDATE orders SET paid = true WHERE id = $1',
    parameters: ['7'],
    digest: 'ab'.repeat(32),
    verdict: {
      effect: 'hold',
      obligations: { masks: [], onMaxRows: 'error' },
      approval: (Array.isArray(terms) ? terms : [terms]) as never,
      policyVersion: 'v1',
      reasons: [{ policy: 'p', rule: 'fix-orders', effect: 'hold' }],
      keeps: 'text',
    },
    ...facts,
  }
}

/** A recorder whose commits happen when the test says so. */
function fakeRecorder() {
  const notes: Note[] = []
  let waiters: CommitWaiter[] = []
  let manual = false
  let fault: ChaperoneError | undefined
  const fake = {
    notes,
    get fault() {
      return fault
    },
    note: (note: Note) => void notes.push(note),
    afterCommit(waiter: CommitWaiter) {
      if (manual) waiters.push(waiter)
      else if (fault !== undefined) waiter.failed(fault)
      else waiter.committed()
    },
    hold: () => void (manual = true),
    commit() {
      manual = false
      const due = waiters
      waiters = []
      for (const waiter of due) fake.afterCommit(waiter)
    },
    fail: () => void (fault = new ChaperoneError('RECORD_UNAVAILABLE', 'full')),
    types: () => notes.map((note) => `${note.type}${note.code ? ` ${note.code}` : ''}`),
  }
  return fake
}

/**
 * What is settled is settled within a few turns of the event loop. Counted in turns, since tests of
 * deadlines replace the timers: a test of something that never settles fails and does not hang.
 */
async function soon<T>(settled: Promise<T>): Promise<T> {
  const never = Symbol('never settled')
  const turns = async (): Promise<typeof never> => {
    for (let turn = 0; turn < 100; turn++) await new Promise((go) => setImmediate(go))
    return never
  }
  const outcome = await Promise.race([settled, turns()])
  assert.ok(outcome !== never, 'it never settled')
  return outcome
}

function setUp(limits = {}, store = openStore(':memory:')) {
  /** Time that passes moves both; time that is set moves `at_ms` alone. */
  const clock = {
    at_ms: NOW_MS,
    passed_ms: 0,
    now_ms: () => clock.at_ms,
    steady_ms: () => clock.passed_ms,
  }
  const recorder = fakeRecorder()
  const told: string[] = []
  const notify = {
    requested: (view: ApprovalView) => void told.push(`requested ${view.state}`),
    settled: (view: ApprovalView) => void told.push(`settled ${view.state}`),
  }
  const desk = createApprovals({ store, clock, recorder, notify, log: silentLog, limits })
  return { clock, recorder, told, desk, store }
}

test('one approval of one person of the group lets it go, once', async () => {
  const { desk, recorder, told } = setUp()
  const held = desk.ask(request())
  assert.equal(held.asked, '1 of group dba')
  const view = await desk.answer(held.id, human('anna'), 'approve', ' looks right ')
  assert.equal(view.state, 'approved')
  const outcome = await soon(held.settled)
  assert.equal(outcome.type, 'approved')
  assert.ok(outcome.type === 'approved')
  assert.equal(outcome.answers[0]?.reason, 'looks right')
  await assert.rejects(desk.answer(held.id, human('bert'), 'approve'), { code: 'APPROVAL_CLOSED' })
  held.withdraw()
  assert.equal(desk.show(held.id).state, 'approved')
  assert.deepEqual(recorder.types(), ['approval-requested', 'approval-answered', 'approval-closed'])
  assert.deepEqual(told, ['requested pending', 'settled approved'])
})

test('people are counted, not answers', async () => {
  const { desk } = setUp()
  const held = desk.ask(request({ ...DBA, count: 2 }))
  await desk.answer(held.id, human('anna'), 'approve')
  const again = await desk.answer(held.id, human('anna', { name: 'Anna B.' }), 'approve')
  assert.equal(again.state, 'pending')
  assert.equal(again.progress[0]?.given, 1)
  const elsewhere = human('anna', { tenant: 't2' })
  assert.equal((await desk.answer(held.id, elsewhere, 'approve')).state, 'approved')
})

test('the same person twice at the same moment still counts once', async () => {
  const { desk, recorder } = setUp()
  const held = desk.ask(request({ ...DBA, count: 2 }))
  recorder.hold()
  const both = [
    desk.answer(held.id, human('anna'), 'approve'),
    desk.answer(held.id, human('anna'), 'approve'),
  ]
  recorder.commit()
  const views = await Promise.all(both)
  assert.deepEqual(
    views.map((view) => view.state),
    ['pending', 'pending'],
  )
})

test('one denial settles, also by somebody who approved before', async () => {
  const { desk, recorder } = setUp()
  const held = desk.ask(request({ ...DBA, count: 2 }))
  await desk.answer(held.id, human('anna'), 'approve')
  await desk.answer(held.id, human('anna'), 'deny', 'wrong table')
  const outcome = await soon(held.settled)
  assert.equal(outcome.type, 'denied')
  assert.ok(outcome.type === 'denied')
  assert.equal(outcome.answers.length, 1)
  assert.ok(recorder.types().includes('approval-closed APPROVAL_DENIED'))
})

test("the owner's approval never suffices alone, and counts with another's", async () => {
  const { desk } = setUp()
  const one = desk.ask(request())
  const alone = await desk.answer(one.id, human('olga'), 'approve')
  assert.equal(alone.state, 'pending')
  assert.equal((await desk.answer(one.id, human('anna'), 'approve')).state, 'approved')
  const two = desk.ask(request({ ...DBA, count: 2 }))
  await desk.answer(two.id, human('anna'), 'approve')
  assert.equal((await desk.answer(two.id, human('olga'), 'approve')).state, 'approved')
})

test('the user that the agent acts for is as interested as its owner', async () => {
  const { desk } = setUp()
  const { principal } = request()
  const delegated = { ...principal, delegation: { objectId: 'oid-uwe' } }
  const held = desk.ask(request({ ...DBA, count: 2 }, { principal: delegated }))
  await desk.answer(held.id, human('uwe'), 'approve')
  assert.equal((await desk.answer(held.id, human('olga'), 'approve')).state, 'pending')
  assert.equal((await desk.answer(held.id, human('anna'), 'approve')).state, 'approved')
})

test('every holding rule must be satisfied by its own people', async () => {
  const { desk } = setUp()
  const security = { ...DBA, approvers: { groups: [], people: ['oid-sam'] }, expires_ms: MINUTE_MS }
  const held = desk.ask(request([DBA, security]))
  assert.equal(held.expiresAt_ms, NOW_MS + MINUTE_MS)
  assert.equal((await desk.answer(held.id, human('anna'), 'approve')).state, 'pending')
  assert.equal((await desk.answer(held.id, human('bert'), 'approve')).state, 'pending')
  const sam = human('sam', { groups: [] })
  assert.equal((await desk.answer(held.id, sam, 'approve')).state, 'approved')
})

test('who may not decide is refused, and the attempt is recorded', async () => {
  const { desk, recorder } = setUp()
  const held = desk.ask(request())
  const attempts: [Human, string][] = [
    [human('rita', { roles: ['reviewer', 'auditor'] }), 'HUMAN_ROLE_MISSING'],
    [human('carl', { groups: ['dbas', 'DBA'] }), 'APPROVAL_NOT_ALLOWED'],
    [human('adam', { roles: ['admin'], groups: [] }), 'APPROVAL_NOT_ALLOWED'],
    [human('dba', { groups: [], name: 'dba' }), 'APPROVAL_NOT_ALLOWED'],
    [human('agent'), 'APPROVAL_NOT_ALLOWED'],
  ]
  for (const [person, code] of attempts) {
    await assert.rejects(desk.answer(held.id, person, 'approve'), { code }, person.name)
    await assert.rejects(desk.answer(held.id, person, 'deny'), { code }, person.name)
  }
  assert.equal(desk.show(held.id).state, 'pending')
  const refused = recorder.notes.filter((note) => note.code === 'APPROVAL_NOT_ALLOWED')
  assert.equal(refused.length, 8)
})

test('unknown ids, missing reasons and endless reasons are refused', async () => {
  const { desk } = setUp()
  await assert.rejects(desk.answer('no', human('anna'), 'approve'), { code: 'APPROVAL_NOT_FOUND' })
  const held = desk.ask(request({ ...DBA, reasonRequired: true }))
  const missing = { code: 'APPROVAL_REASON_MISSING' }
  await assert.rejects(desk.answer(held.id, human('anna'), 'approve'), missing)
  await assert.rejects(desk.answer(held.id, human('anna'), 'deny', '  \n'), missing)
  const long = 'x'.repeat(2001)
  await assert.rejects(desk.answer(held.id, human('anna'), 'approve', long), {
    code: 'REQUEST_INVALID',
  })
  assert.equal((await desk.answer(held.id, human('anna'), 'approve', 'ok')).state, 'approved')
})

test('an answer has no effect before its record is written', async () => {
  const { desk, recorder } = setUp()
  const held = desk.ask(request())
  recorder.hold()
  const answer = desk.answer(held.id, human('anna'), 'approve')
  assert.equal(desk.show(held.id).state, 'pending')
  assert.deepEqual(desk.show(held.id).answers, [])
  recorder.commit()
  await answer
  assert.equal((await soon(held.settled)).type, 'approved')
})

test('an answer that cannot be recorded changes nothing', async () => {
  const { desk, recorder } = setUp()
  const held = desk.ask(request())
  recorder.fail()
  const unavailable = { code: 'RECORD_UNAVAILABLE' }
  await assert.rejects(desk.answer(held.id, human('anna'), 'approve'), unavailable)
  await assert.rejects(desk.answer(held.id, human('anna'), 'deny'), unavailable)
  assert.equal(desk.show(held.id).state, 'pending')
})

test('an answer whose record was written too late is refused, and says so', async () => {
  const { desk, recorder, clock } = setUp()
  const held = desk.ask(request())
  recorder.hold()
  const late = desk.answer(held.id, human('anna'), 'approve')
  clock.at_ms += 15 * MINUTE_MS
  recorder.commit()
  await assert.rejects(late, { code: 'APPROVAL_CLOSED' })
  assert.equal((await soon(held.settled)).type, 'expired')
  assert.equal(desk.show(held.id).state, 'expired')
  assert.ok(recorder.types().includes('approval-answered APPROVAL_CLOSED'))
})

test('nobody hears of a request before its record is written, or if it cannot be', async () => {
  const { desk, recorder, told } = setUp()
  recorder.hold()
  const held = desk.ask(request())
  assert.deepEqual(told, [])
  recorder.fail()
  recorder.commit()
  assert.equal((await soon(held.settled)).type, 'unavailable')
  assert.deepEqual(told, [])
  assert.throws(() => desk.ask(request()), { code: 'APPROVAL_UNAVAILABLE' })
})

test('a request expires by the alarm, and before any look', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  const { desk, clock, recorder } = setUp()
  const held = desk.ask(request())
  clock.at_ms += 15 * MINUTE_MS
  clock.passed_ms += 15 * MINUTE_MS
  context.mock.timers.tick(15 * MINUTE_MS)
  assert.equal((await soon(held.settled)).type, 'expired')
  assert.ok(recorder.types().includes('approval-closed APPROVAL_EXPIRED'))
  const second = desk.ask(request())
  clock.at_ms += 15 * MINUTE_MS
  const closed = { code: 'APPROVAL_CLOSED' }
  await assert.rejects(desk.answer(second.id, human('anna'), 'approve'), closed)
  assert.equal((await soon(second.settled)).type, 'expired')
})

test('setting the time back keeps no request alive, setting it forward ends what people saw end', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  const { desk, clock } = setUp()
  const back = desk.ask(request())
  clock.at_ms -= 60 * MINUTE_MS
  clock.passed_ms += 15 * MINUTE_MS
  context.mock.timers.tick(15 * MINUTE_MS)
  assert.equal((await soon(back.settled)).type, 'expired')
  const forward = desk.ask(request())
  clock.at_ms += 15 * MINUTE_MS
  const closed = { code: 'APPROVAL_CLOSED' }
  await assert.rejects(desk.answer(forward.id, human('anna'), 'approve'), closed)
  assert.equal((await soon(forward.settled)).type, 'expired')
})

test('withdrawal, revocation and shutdown refuse, with a record', async () => {
  const { desk, recorder } = setUp()
  const withdrawn = desk.ask(request())
  withdrawn.withdraw()
  withdrawn.withdraw()
  const revoked = desk.ask(request())
  assert.equal(desk.revokeAgent('someone-else'), 0)
  assert.equal(desk.revokeAgent('etl-1'), 1)
  const stopped = desk.ask(request())
  assert.equal(desk.closeAll('shutdown'), 1)
  assert.throws(() => desk.ask(request()), { code: 'APPROVAL_UNAVAILABLE' })
  const outcomes = await Promise.all([withdrawn.settled, revoked.settled, stopped.settled])
  assert.deepEqual(
    outcomes.map((outcome) => outcome.type),
    ['withdrawn', 'revoked', 'shutdown'],
  )
  assert.deepEqual(
    recorder.types().filter((type) => type.startsWith('approval-closed')),
    [
      'approval-closed APPROVAL_WITHDRAWN',
      'approval-closed SESSION_REVOKED',
      'approval-closed SHUTTING_DOWN',
    ],
  )
})

test('after a restart a pending request is a recorded refusal, never approvable', async () => {
  const former = setUp()
  const held = former.desk.ask(request())
  const done = former.desk.ask(request())
  await former.desk.answer(done.id, human('anna'), 'approve')
  const next = setUp({}, former.store)
  await assert.rejects(next.desk.answer(held.id, human('anna'), 'approve'), {
    code: 'APPROVAL_CLOSED',
  })
  assert.equal(await next.desk.recover(), 1)
  assert.equal(next.desk.show(held.id).state, 'refused-by-restart')
  assert.equal(next.desk.show(done.id).state, 'approved')
  assert.deepEqual(next.recorder.types(), ['approval-closed SHUTTING_DOWN'])
  assert.deepEqual(next.told, ['settled refused-by-restart'])
  assert.equal(await next.desk.recover(), 0)
})

test('a restart forgets what was settled long ago, and nothing else', async () => {
  const former = setUp()
  const old = former.desk.ask(request())
  await former.desk.answer(old.id, human('anna'), 'deny')
  former.clock.at_ms += MINUTE_MS
  const recent = former.desk.ask(request())
  await former.desk.answer(recent.id, human('anna'), 'deny')
  const next = setUp({}, former.store)
  next.clock.at_ms = NOW_MS + SETTLED_KEPT_MS + MINUTE_MS
  await next.desk.recover()
  assert.throws(() => next.desk.show(old.id), { code: 'APPROVAL_NOT_FOUND' })
  assert.equal(next.desk.show(recent.id).state, 'denied')
})

test('a restart that cannot write its records leaves the request for the next one', async () => {
  const former = setUp()
  const held = former.desk.ask(request())
  const failing = setUp({}, former.store)
  failing.recorder.fail()
  await assert.rejects(failing.desk.recover(), { code: 'RECORD_UNAVAILABLE' })
  const next = setUp({}, former.store)
  assert.equal(await next.desk.recover(), 1)
  assert.equal(next.desk.show(held.id).state, 'refused-by-restart')
})

test('recovery takes what the running process asked for for its own', async () => {
  const { desk } = setUp()
  const held = desk.ask(request())
  assert.equal(await desk.recover(), 0)
  assert.equal((await desk.answer(held.id, human('anna'), 'approve')).state, 'approved')
})

test('what cannot be kept, shown whole, or answered by anybody is refused at once', () => {
  const unavailable = { code: 'APPROVAL_UNAVAILABLE' }
  const { desk, store } = setUp({ pendingMax: 3, pendingPerAgentMax: 2 })
  const nobody = { ...DBA, approvers: { groups: [], people: [] } }
  assert.throws(() => desk.ask(request([DBA, nobody])), unavailable)
  assert.throws(() => desk.ask(request(DBA, { text: ' '.repeat(70_000) })), unavailable)
  const parameters = ['x'.repeat(40_000), null, 'y'.repeat(40_000)]
  assert.throws(() => desk.ask(request(DBA, { parameters })), unavailable)
  assert.throws(() => desk.ask(request([])), { code: 'INTERNAL' })
  assert.throws(() => desk.ask(request(DBA, { digest: 'short' })), { code: 'INTERNAL' })
  desk.ask(request())
  desk.ask(request())
  assert.throws(() => desk.ask(request()), unavailable)
  const { principal } = request()
  const other = { ...principal, agent: { ...principal.agent, name: 'etl-2' } }
  desk.ask(request(DBA, { principal: other }))
  const third = { ...principal, agent: { ...principal.agent, name: 'etl-3' } }
  assert.throws(() => desk.ask(request(DBA, { principal: third })), unavailable)
  desk.revokeAgent('etl-1')
  store.close()
  assert.throws(() => desk.ask(request()), unavailable)
})

test('an agent cannot flood people by asking and withdrawing', () => {
  const { desk, clock, told } = setUp({ asksPerAgentMax: 3 })
  for (let asked = 0; asked < 3; asked += 1) desk.ask(request()).withdraw()
  assert.throws(() => desk.ask(request()), { code: 'APPROVAL_UNAVAILABLE' })
  clock.at_ms += 10 * MINUTE_MS + 1
  desk.ask(request()).withdraw()
  assert.deepEqual(told, [])
})

test('a request shows exactly what would run, its history, and characters that hide', async () => {
  const { desk, clock } = setUp()
  const first = desk.ask(request())
  await desk.answer(first.id, human('anna'), 'approve')
  clock.at_ms += 1
  const resource = { ...request().resource, address: 'secret-host' } as never
  const facts = { estimatedRows: 12, text: 'SELECT 1 -- \u202e', resource }
  const held = desk.ask(request(DBA, facts))
  const view = desk.show(held.id)
  assert.equal(view.request.text, 'SELECT 1 -- \u202e')
  assert.equal(view.hiddenCharacters, true)
  assert.equal(desk.show(first.id).hiddenCharacters, false)
  assert.equal(view.request.estimatedRows, 12)
  assert.equal(view.request.accesses[0]?.object, 'sales.public.orders')
  assert.equal(JSON.stringify(view).includes('secret-host'), false)
  assert.deepEqual(
    { ...view.history, since_ms: 0 },
    { since_ms: 0, requests: 1, approved: 1, denied: 0, sameApproved: 1 },
  )
})

test('people see the requests that concern them; lists come in pages', () => {
  const { desk, clock } = setUp()
  const ids = Array.from({ length: 5 }, () => {
    clock.at_ms += 1
    return desk.ask(request()).id
  }).reverse()
  const first = desk.list({ limit: 2 })
  assert.deepEqual(
    first.items.map((item) => item.id),
    ids.slice(0, 2),
  )
  const rest = desk.list({ after: first.next!, state: 'pending', agent: 'etl-1' })
  assert.deepEqual(
    rest.items.map((item) => item.id),
    ids.slice(2),
  )
  assert.equal(rest.next, undefined)
  assert.equal(desk.list({ state: 'denied' }).items.length, 0)
  const stranger = human('carl', { groups: ['hr'] })
  assert.equal(desk.list({ viewer: stranger }).items.length, 0)
  assert.throws(() => desk.show(ids[0]!, stranger), { code: 'APPROVAL_NOT_FOUND' })
  const viewers = [
    human('anna'),
    human('rita', { groups: [], roles: ['auditor'] }),
    human('olga', { groups: [] }),
  ]
  for (const viewer of viewers) assert.equal(desk.list({ viewer }).items.length, 5, viewer.name)
})
