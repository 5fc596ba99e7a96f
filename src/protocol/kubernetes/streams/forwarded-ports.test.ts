import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  controlFrame,
  dataFrame,
  headerBlock,
} from '../../../../emulator/kubernetes/spdy-writer.ts'
import type { Denial } from '../../../core/denial.ts'
import { createPortGuard, PORTS_PROTOCOL } from './forwarded-ports.ts'
import { SPDY } from './spdy.ts'

const DENIED: Denial = { code: 'POLICY_DENIED', message: 'no', hint: 'no' }

function watched(subprotocol = PORTS_PROTOCOL, asked: readonly string[] = []) {
  const recorded: string[] = []
  const guard = createPortGuard(
    {
      subprotocol,
      now_ms: () => 0,
      record: (kind, text) => void recorded.push(`${kind} ${text}`),
      judge: (text) => (text === 'port: 22' ? DENIED : undefined),
    },
    asked,
  )
  const say = (payload: Buffer, binary = true) =>
    guard.fromClient({ binary, payload, first: true })?.code
  return { recorded, say }
}

function opening(stream: number, type: string, port: string, isFirst: boolean): Buffer {
  const head = Buffer.alloc(10)
  head.writeUInt32BE(stream)
  const headers = [['streamtype', type] as const, ['port', port] as const]
  const block = headerBlock([...headers, ['requestid', '0']], isFirst)
  return controlFrame(SPDY.synStream, Buffer.concat([head, block]))
}

const PAIR = Buffer.concat([
  opening(1, 'error', '8080', true),
  dataFrame(1, Buffer.alloc(0), 1),
  opening(3, 'data', '8080', false),
  dataFrame(3, Buffer.from('hello')),
])

test('a connection is recorded once, whatever pieces its frames come in', () => {
  for (let size = 1; size <= PAIR.length; size++) {
    const { say, recorded } = watched()
    for (let at = 0; at < PAIR.length; at += size) {
      assert.equal(say(PAIR.subarray(at, at + size)), undefined)
    }
    assert.deepEqual(recorded, ['m port: 8080'])
  }
})

test('a port that a rule refuses is refused on either stream, and not recorded as opened', () => {
  for (const type of ['error', 'data']) {
    const { say, recorded } = watched()
    assert.equal(say(opening(1, type, '22', true)), 'POLICY_DENIED')
    assert.deepEqual(recorded, [])
  }
})

const ODD: readonly (readonly [what: string, payload: Buffer])[] = [
  ['a port with a zero in front', opening(1, 'data', '022', true)],
  ['no port', opening(1, 'data', '0', true)],
  ['a port that is none', opening(1, 'data', '65536', true)],
  ['a stream of another kind', opening(1, 'log', '80', true)],
  ['a stream of the other side', opening(2, 'data', '80', true)],
  ['a stream twice', Buffer.concat([PAIR, opening(3, 'data', '80', false)])],
  ['bytes of no stream', dataFrame(5, Buffer.from('x'))],
  ['headers later', Buffer.concat([PAIR, controlFrame(SPDY.headers, Buffer.alloc(8))])],
  ['an answer', controlFrame(SPDY.synReply, Buffer.alloc(8))],
  ['a frame that nobody knows', controlFrame(10, Buffer.alloc(8))],
  ['another version', Buffer.from('8002000100000000', 'hex')],
  ['a frame without an end', Buffer.from('80030001ffffffff', 'hex')],
]

for (const [what, payload] of ODD) {
  test(`refused: ${what}`, () => assert.equal(watched().say(payload), 'REQUEST_UNSUPPORTED'))
}

test('texts, and other protocols, are refused', () => {
  assert.equal(watched().say(PAIR, false), 'REQUEST_UNSUPPORTED')
  assert.equal(watched('v4.base64.channel.k8s.io').say(PAIR), 'REQUEST_UNSUPPORTED')
})

test('of ports in the query, each has two channels', () => {
  const { say } = watched('v4.channel.k8s.io', ['80', '443'])
  assert.equal(say(Buffer.from([3, 0x78])), undefined)
  assert.equal(say(Buffer.from([4, 0x78])), 'REQUEST_UNSUPPORTED')
})
