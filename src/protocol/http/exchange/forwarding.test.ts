import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChaperoneError } from '../../../core/errors.ts'
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

/** A forwarding whose parts can be replaced, and what the client and the exchange hear of it. */
function setUp(given: {
  readonly prepare?: () => object
  readonly headers?: () => unknown
  readonly connect?: () => unknown
  readonly answer?: () => object
  readonly method?: string
}) {
  const heard: string[] = []
  const fate: string[] = []
  const socket = { write: NOTHING, cork: NOTHING, uncork: NOTHING, writableLength: 0 }
  const abandon = () => void fate.push('abandoned')
  const pause = () => void fate.push('paused')
  const connection = { socket, used: false, begin: NOTHING, abandon, pause, resume: NOTHING }
  const endpoint = {
    api: {
      prepare: given.prepare ?? (() => ({})),
      answer: given.answer ?? (() => ({ type: 'pass', headers: [] })),
    },
    authority: { headers: given.headers ?? (() => []) },
    pool: {
      take: () => undefined,
      connect: given.connect ?? (() => connection),
      release: () => void fate.push('released'),
    },
  } as unknown as HttpEndpoint
  const client = {
    bodyDone: true,
    memory: { full: false },
    head: ({ status }: { status: number }) => void heard.push(`head ${status}`),
    body: (bytes: Buffer) => heard.push(`body ${String(bytes)}`) > 0,
    end: () => void heard.push('end'),
    cut: () => void heard.push('cut'),
  }
  const method = given.method ?? 'GET'
  const parts = {
    client: client as unknown as ClientSide,
    endpoint,
    judgement: { verdict: { effect: 'deny' } },
    context: { head: { method, path: '/', query: '', headers: [], bodyLength: 0 } },
    body: undefined,
    answerHeaders: [],
  } as unknown as ForwardingParts
  const forwarding = new Forwarding(parts, {
    done: () => void heard.push('done'),
    upgraded: () => void heard.push('upgraded'),
    refused: ({ code }) => void heard.push(`refused ${code}`),
    cut: ({ code }) => void heard.push(`cut off ${code}`),
  })
  const answer = () =>
    forwarding.answer({
      head: OK,
      framing: { type: 'length', length: 4 },
      reusable: true,
      upgrade: undefined,
    })
  return { forwarding, answer, heard, fate }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
const LOST = new ChaperoneError('TARGET_LOST', 'gone')
const fails = () => {
  throw LOST
}

test('whatever fails before the answer is told once, in place of an answer', async () => {
  for (const given of [
    { prepare: fails },
    { prepare: () => ({ body: fails }) },
    { prepare: () => ({ body: async () => fails() }) },
    { headers: fails },
    { headers: async () => fails() },
    { headers: () => [['bad name', 'x']] },
    { connect: async () => fails() },
    { answer: () => ({ type: 'refused', denial: LOST }) },
  ]) {
    const { forwarding, answer, heard } = setUp(given)
    forwarding.start()
    await turn()
    if ('answer' in given) answer()
    assert.equal(heard.length, 1)
    forwarding.broken(LOST, true)
    forwarding.body(Buffer.from('late'))
    forwarding.end([])
    const code = heard[0]
    assert.match(String(code), /^refused (?:TARGET_LOST|INTERNAL)$/)
    assert.deepEqual(heard, [code])
  }
})

test('what fails within the answer cuts it, once', () => {
  const { forwarding, answer, heard, fate } = setUp({})
  forwarding.start()
  answer()
  forwarding.body(Buffer.from('ab'))
  forwarding.broken(LOST, false)
  forwarding.body(Buffer.from('cd'))
  forwarding.end([])
  forwarding.broken(LOST, false)
  assert.deepEqual(heard, ['head 200', 'body ab', 'cut', 'cut off TARGET_LOST'])
  assert.deepEqual(fate, ['abandoned'])
})

test('a client that has gone hears nothing more, and no connection is kept half read', () => {
  const { forwarding, answer, heard, fate } = setUp({})
  forwarding.start()
  answer()
  forwarding.abandon()
  forwarding.body(Buffer.from('ab'))
  forwarding.end([])
  forwarding.broken(LOST, false)
  assert.deepEqual(heard, ['head 200'])
  assert.deepEqual(fate, ['abandoned'])
})

test('a client that goes before there is a connection takes none with it', async () => {
  let connected = (_connection: object) => {}
  const { forwarding, heard, fate } = setUp({
    connect: () => new Promise((resolve) => (connected = resolve)),
  })
  forwarding.start()
  forwarding.abandon()
  connected({ socket: {}, begin: () => assert.fail() })
  await turn()
  assert.deepEqual(heard, [])
  assert.deepEqual(fate, ['released'])
})

test('the body of an answer passes to its end, and the connection is free again', () => {
  const { forwarding, answer, heard, fate } = setUp({})
  forwarding.start()
  answer()
  forwarding.body(Buffer.from('ab'))
  forwarding.body(Buffer.from('cd'))
  forwarding.end([])
  forwarding.end([])
  assert.deepEqual(heard, ['head 200', 'body ab', 'body cd', 'end', 'done'])
  assert.deepEqual(fate, ['released'])
})
