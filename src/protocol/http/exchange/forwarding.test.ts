import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientSide } from '../codec/client-side.ts'
import type { HttpEndpoint } from '../target/endpoint.ts'
import type { ForwardingParts } from './forwarding.ts'
import { Forwarding } from './forwarding.ts'

const OK = { status: 200, headers: [] }
const NOTHING = () => {}

/** What becomes of the connection when the answer begins while its socket still counts these bytes. */
function fateOfConnection(method: string, body: Buffer | undefined, unwritten: number): string {
  let fate = 'none'
  const socket = { write: NOTHING, cork: NOTHING, uncork: NOTHING, writableLength: unwritten }
  const connection = { socket, used: false, begin: NOTHING, abandon: () => (fate = 'abandoned') }
  const endpoint = {
    api: { prepare: () => ({}), answer: () => ({ type: 'pass', headers: [] }) },
    authority: { headers: () => [] },
    pool: { take: () => connection, release: () => (fate = 'released') },
  } as unknown as HttpEndpoint
  const memory = { full: false }
  const client = { bodyDone: true, memory, head: NOTHING, body: () => true, end: NOTHING }
  const head = { method, path: '/', query: '', headers: [], bodyLength: body?.length ?? 0 }
  const parts = {
    client: client as unknown as ClientSide,
    endpoint,
    judgement: { verdict: { effect: 'deny' } },
    context: { head },
    body,
    answerHeaders: [],
  } as unknown as ForwardingParts
  const forwarding = new Forwarding(parts, {
    done: NOTHING,
    upgraded: NOTHING,
    refused: () => assert.fail(),
    cut: () => assert.fail(),
  })
  forwarding.start()
  const framing = { type: 'none' } as const
  forwarding.answer({ head: OK, framing, reusable: true, upgrade: undefined })
  forwarding.end([])
  return fate
}

test('an answer before the body was written costs the connection', () => {
  assert.equal(fateOfConnection('PUT', Buffer.from('body'), 4), 'abandoned')
  assert.equal(fateOfConnection('PUT', Buffer.from('body'), 0), 'released')
})

test('a head alone costs none, though a TLS socket tells of its write a turn later', () => {
  assert.equal(fateOfConnection('GET', undefined, 200), 'released')
})

/** Whether it would be sent again where a connection that was kept breaks without an answer. */
function isRepeatable(effect: 'allow' | 'hold', seen?: object): boolean | undefined {
  let asked: boolean | undefined
  const take = (repeatable: boolean) => void (asked = repeatable)
  const endpoint = {
    api: { prepare: () => ({}) },
    authority: { headers: () => [] },
    pool: { take, connect: () => new Promise(NOTHING) },
  } as unknown as HttpEndpoint
  const head = { method: 'PUT', path: '/', query: '', headers: [], bodyLength: 1 }
  const parts = {
    client: { bodyDone: true } as unknown as ClientSide,
    endpoint,
    judgement: { verdict: { effect, obligations: { masks: [] } } },
    context: { head, seen },
    body: Buffer.from('x'),
    answerHeaders: [],
  } as unknown as ForwardingParts
  const events = { done: NOTHING, upgraded: NOTHING, refused: NOTHING, cut: NOTHING }
  new Forwarding(parts, events).start()
  return asked
}

test('what people agreed to is sent once: done, another of the same name may be there since', () => {
  const seen = { text: '', digest: '' }
  assert.equal(isRepeatable('allow'), true)
  assert.equal(isRepeatable('hold'), false)
  assert.equal(isRepeatable('hold', seen), false)
  // Policies that allow it by now do not change what was seen.
  assert.equal(isRepeatable('allow', seen), false)
})
