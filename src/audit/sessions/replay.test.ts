import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recorded } from '../../../test/support/audit/recorded.ts'
import { DENY, HOLD } from '../../../test/support/record/facts.ts'
import { createRecordReader } from '../records.ts'
import { formatReplay } from './format-replay.ts'
import type { OperationStep } from './replay.ts'
import { replayOf } from './replay.ts'

const SESSION = {
  id: 's1',
  agent: 'etl-1',
  resource: 'sales-db',
  protocol: 'postgres',
  clientAddress: '10.0.0.7',
  startedAt_ms: Date.UTC(2026, 10, 24, 10),
}

test('a session is told as it went', async (t) => {
  const records = recorded(t)
  const session = records.open('etl-1')
  records.pass(12)
  const read = session.run('select email\nfrom customers\nwhere id = $1')
  records.pass(3)
  session.end(read, { rows: 1, masked: ['email'], preview: [['a***@example.com', null]] })
  records.pass(61_000)
  session.end(session.run('DROP TABLE x', DENY), { result: 'refused', error: 'POLICY_DENIED' })
  const held = session.run('DELETE FROM orders', HOLD)
  records.pass(1000)
  records.note({
    type: 'approval-answered',
    message: 'Anna answered the request: approve.',
    session: session.id,
    operation: held,
    person: 'oid-anna',
    details: { personName: 'Anna', reason: 'month end' },
  })
  session.trail.closed({ code: 'SESSION_IDLE', message: 'Idle.' })
  await records.written()

  const reader = createRecordReader(records)
  const timeline = (await reader.session(session.id))!
  const replay = replayOf(timeline.session, timeline.events)
  assert.deepEqual(
    replay.steps.map(({ type, offset_ms }) => [type, offset_ms]),
    [
      ['session.opened', 0],
      ['operation', 12],
      ['operation', 61_015],
      ['operation', 61_015],
      ['session.closed', 62_015],
    ],
  )
  const first = replay.steps[1] as OperationStep
  assert.deepEqual(first.rules, ['etl-on-sales/read'])
  assert.deepEqual(first.parameters, [{ text: '42' }])
  assert.equal(first.outcome?.offset_ms, 15)

  const text = formatReplay(replay)
  const [, ...lines] = text.split('\n')
  assert.deepEqual(lines, [
    '+00:00:00.000 opened',
    '+00:00:00.012 SELECT, allowed by etl-on-sales/read',
    '                 select email',
    '                 from customers',
    '                 where id = $1',
    '               $1 = "42"',
    '               +00:00:00.015 success, 1 row, 1.5 ms, masked: email',
    '               | "a***@example.com" | NULL',
    '+00:01:01.015 SELECT, denied by etl-on-sales/no-ddl',
    '                 DROP TABLE x',
    '               $1 = "42"',
    '               POLICY_DENIED: DROP TABLE is denied.',
    '               +00:01:01.015 refused, POLICY_DENIED, 3 rows, 1.5 ms',
    '+00:01:01.015 SELECT, held by etl-on-sales/fix-orders',
    '                 DELETE FROM orders',
    '               $1 = "42"',
    '               +00:01:02.015 approval-answered: Anna answered the request: approve., person Anna, reason month end',
    '+00:01:02.015 closed, Idle., SESSION_IDLE',
    '',
  ])
})

test('what an agent writes neither drives the terminal nor passes for a line of ours', () => {
  const event = {
    time: SESSION.startedAt_ms,
    query_info: { query_string: 'SELECT 1\n+00:00:09.000 closed\r\u001b[2Jx\u202e' },
    unmapped: {
      chaperone: {
        operation: 's1.1',
        statement: 'SELECT\nclosed',
        parameters: ['a\n+00:00:09.000 closed', { cut: 'long', length: 900, sha256: 'x' }],
        verdict: 'constructor',
        kind: 'operation.intent',
      },
    },
  }
  const text = formatReplay(replayOf({ ...SESSION, agent: 'x\u001b[1m' }, [event]))
  assert.doesNotMatch(text, /[^\P{Cc}\n]|\u202e/u)
  assert.equal(text.split('\n').filter((line) => line.startsWith('+')).length, 1)
  assert.match(text, /"long"… \(900 characters\)/)
})

test('what is missing or of another form is left out', () => {
  const lost = {
    unmapped: { chaperone: { operation: 's1.9', result: 3, kind: 'operation.outcome' } },
  }
  const events = [{}, { unmapped: 7 }, { time: 'x', unmapped: { chaperone: { kind: 9 } } }, lost]
  const { steps } = replayOf(SESSION, events)
  assert.deepEqual(
    steps.map(({ type }) => type),
    ['gap', 'gap', 'gap', 'operation'],
  )
  assert.match(formatReplay({ session: SESSION, steps }), /an operation whose intent is missing/)
})
