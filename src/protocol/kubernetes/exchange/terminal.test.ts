import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Denial } from '../../../core/denial.ts'
import type { ApiRequest, TunnelMessage } from '../../http/api.ts'
import { PIECE_CHARS_MAX } from '../limits.ts'
import type { KubernetesNote } from '../request/note.ts'
import { createTerminalGuard } from './terminal.ts'

const DENIAL: Denial = { code: 'POLICY_DENIED', message: 'no', hint: 'no' }

function open(subresource: string, sent: object = {}, subprotocol = 'v5.channel.k8s.io') {
  const recorded: string[] = []
  const judged: string[] = []
  const host = {
    subprotocol,
    now_ms: () => 0,
    record: (kind: string, text: string) => void recorded.push(`${kind} ${text}`),
    judge(text: string) {
      judged.push(text)
      return text.includes('bad') ? DENIAL : undefined
    },
  }
  const note = { asked: { info: { subresource } }, sent } as unknown as KubernetesNote
  const guard = createTerminalGuard({ note } as ApiRequest<KubernetesNote>, host)
  const message = (channel: number, data: string | Buffer): TunnelMessage => ({
    binary: true,
    first: true,
    payload: Buffer.concat([Buffer.of(channel), Buffer.from(data as string)]),
  })
  return {
    recorded,
    judged,
    guard,
    client: (channel: number, data: string | Buffer = '') =>
      guard.fromClient(message(channel, data))?.code,
    target: (channel: number, data: string | Buffer = '') =>
      guard.fromTarget(message(channel, data))?.code,
    passes: () => guard.passes?.()?.code,
  }
}

const CHANNELS = Array.from({ length: 256 }, (_, channel) => channel)

describe('a terminal', () => {
  for (const subresource of ['exec', 'attach']) {
    test(`has so many channels and no others: ${subresource}`, () => {
      const refused = (ask: (channel: number) => string | undefined) =>
        CHANNELS.filter((channel) => ask(channel) !== undefined)
      const size = '{"Width":80,"Height":24}'
      const { client, target } = open(subresource, { isTerminal: true })
      const known = (channels: readonly number[]) => CHANNELS.filter((c) => !channels.includes(c))
      assert.deepEqual(
        refused((channel) => client(channel, channel === 4 ? size : '')),
        known([0, 4, 255]),
      )
      assert.deepEqual(
        refused((channel) => target(channel)),
        known([1, 2, 3, 255]),
      )
      assert.equal(client(1), 'REQUEST_UNSUPPORTED')
    })
  }

  test('records what is typed, what is shown on both outputs, and sizes', () => {
    const { recorded, client, target } = open('exec', { isTerminal: true })
    client(0, 'ls')
    client(4, '{"Width":80,"Height":24}')
    target(1, 'out')
    target(2, 'err')
    target(3, '{}')
    assert.deepEqual(recorded, ['i ls', 'r 80x24', 'o out', 'o err'])
  })

  test('puts a letter together that comes in two pieces, of each stream by itself', () => {
    const { recorded, target } = open('exec', { isTerminal: true })
    const letter = Buffer.from('é')
    target(1, letter.subarray(0, 1))
    target(2, 'x')
    target(1, letter.subarray(1))
    assert.deepEqual(
      recorded.filter((one) => one !== 'o '),
      ['o x', 'o é'],
    )
  })

  test('records long output in pieces, and all of it', () => {
    for (const length of [PIECE_CHARS_MAX - 1, PIECE_CHARS_MAX, PIECE_CHARS_MAX + 1]) {
      const { recorded, target } = open('exec', { isTerminal: true })
      target(1, 'a'.repeat(length))
      assert.equal(recorded.map((one) => one.slice(2)).join('').length, length)
      assert.ok(recorded.every((one) => one.length <= PIECE_CHARS_MAX + 2))
    }
  })

  test('judges each line before its end goes on', () => {
    for (const isTerminal of [true, false]) {
      const { judged, client } = open('exec', { isTerminal })
      assert.equal(client(0, 'echo a\n'), undefined)
      assert.equal(client(0, 'bad\n'), 'POLICY_DENIED')
      assert.deepEqual(judged, ['echo a', 'bad'])
    }
  })

  test('of an archive neither judges nor records the bytes, but the errors', () => {
    const { recorded, judged, client, target } = open('exec', { isArchive: true })
    assert.equal(client(0, 'bad\n'), undefined)
    target(1, 'bytes')
    target(2, 'tar: no')
    assert.deepEqual(recorded, ['o tar: no'])
    assert.deepEqual(judged, [])
  })

  test('takes no size that is none', () => {
    for (const size of [
      '',
      '{}',
      '[]',
      '{"Width":80}',
      '{"Width":"80","Height":24}',
      '80x24',
      '{"Width":8.5,"Height":1}',
      'null',
    ]) {
      const { client, recorded } = open('exec', { isTerminal: true })
      assert.equal(client(4, size), 'REQUEST_UNSUPPORTED', size)
      assert.deepEqual(recorded, [])
    }
  })

  test('passes nothing in a protocol that is not known', () => {
    for (const protocol of ['', 'channel.k8s.io', 'base64.channel.k8s.io', 'v3.channel.k8s.io']) {
      const { client, target, recorded } = open('exec', { isTerminal: true }, protocol)
      assert.equal(client(0, 'ls\n'), 'REQUEST_UNSUPPORTED', protocol)
      assert.equal(target(1, 'out'), 'REQUEST_UNSUPPORTED', protocol)
      assert.deepEqual(recorded, [])
    }
  })
})
