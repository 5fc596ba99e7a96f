import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientSide } from './client-side.ts'
import type { HttpEndpoint } from './endpoint.ts'
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
  const client = { bodyDone: true, head: NOTHING, body: () => true, end: NOTHING }
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
