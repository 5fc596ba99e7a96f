import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asciicast, terminalsOf } from './asciicast.ts'
import type { OperationStep, Replay } from './replay.ts'

const STEP: OperationStep = {
  type: 'operation',
  offset_ms: 1000,
  operation: 'op-1',
  prepared: false,
  statement: 'POST /api/v1/…/exec\ncommand: sh',
  parameters: [],
  rules: [],
  approvals: [],
  terminal: [
    { offset_ms: 1100, stream: 'r', text: '120x40' },
    { offset_ms: 1350, stream: 'o', text: '$ ' },
    { offset_ms: 1300, stream: 'i', text: 'ls\r' },
  ],
}

test('a terminal as asciicast v3: times count from the event before, and never run backwards', () => {
  assert.equal(
    asciicast(STEP, 60_000),
    [
      '{"version":3,"term":{"cols":120,"rows":40},"timestamp":61,"title":"POST /api/v1/…/exec"}',
      '[0.1,"r","120x40"]',
      '[0.25,"o","$ "]',
      '[0,"i","ls\\r"]',
      '',
    ].join('\n'),
  )
})

test('only operations with a terminal have one', () => {
  const { terminal: _, ...without } = STEP
  const replay = { session: {}, steps: [without, STEP] } as unknown as Replay
  assert.deepEqual(terminalsOf(replay), [STEP])
})
