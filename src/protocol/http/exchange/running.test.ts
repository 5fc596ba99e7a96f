import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Operation } from '../../../core/operation.ts'
import { unread } from '../../../session/operations.ts'
import type { ApiRequest } from '../api.ts'
import type { HttpSession } from './http-session.ts'
import { beginRequest, withShown } from './running.ts'

const session = {
  operations: { find: (operation: Operation) => operation, keep() {} },
  governed: { masksOn: () => [] },
} as unknown as HttpSession

const read: ApiRequest<unknown> = {
  operation: unread({ code: 'INTERNAL', message: '', hint: '' }),
  text: 'PUT /a\n\n"CANARY"',
  show: () => ({ text: 'PUT /a\n\n"(not shown)"', hidden: 1 }),
  note: undefined,
}

function recordedOf(effect: 'allow' | 'hold') {
  const texts: string[] = []
  const trail = { intent: ({ text }: { text: string }) => void texts.push(text) }
  const governed = { trail, meter: { operation() {} } } as never
  const judgement = { verdict: { effect }, plans: [] } as never
  const clock = { now_ms: () => 0 } as never
  const judged = withShown(read, session, { bodyLength: 8 }, Buffer.from('"CANARY"'))
  const { request } = beginRequest(governed, judged, judgement, clock)
  return { request, texts }
}

test('the exact text is judged, and what is shown is recorded', () => {
  const { request, texts } = recordedOf('allow')
  assert.match(request.text, /CANARY/)
  assert.deepEqual(texts, ['PUT /a\n\n"(not shown)"'])
  assert.equal(request.operation.facts.hidden, 1)
  assert.equal(request.show, undefined)
})

test('what is held and judged again shows no more than before', () => {
  const body = Buffer.from('"CANARY"')
  const again = withShown(recordedOf('hold').request, session, { bodyLength: 8 }, body)
  assert.match(again.text, /CANARY/)
  assert.doesNotMatch(again.shown, /CANARY/)
  assert.equal(again.operation.facts.hidden, 1)
})

test('a body that nobody reads is unseen', () => {
  const { operation, text, note } = read
  const unseenOf = (bodyLength: number | 'unknown', body?: Buffer) =>
    withShown({ operation, text, note }, session, { bodyLength }, body).operation.facts.unseen
  assert.deepEqual(unseenOf(5), ['data'])
  assert.deepEqual(unseenOf('unknown'), ['data'])
  assert.equal(unseenOf(0), undefined)
  assert.equal(unseenOf(5, Buffer.from('hello')), undefined)
})
