import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Reach } from './raw-stream.ts'
import { frame, openRawStream } from './raw-stream.ts'
import type { RecordsOf } from './recordings.ts'
import { recordsOf } from './recordings.ts'

/**
 * The same streams past the gateway and through it, frame by frame, by `STREAM_POLICY`: what is attached to
 * in the pod `web-1` repeats each line that it hears, and says new sizes.
 */
export interface FrameWorld {
  readonly bench: RecordsOf
  readonly direct: Reach
  readonly through: Reach
}

const [V4, V5] = ['v4.channel.k8s.io', 'v5.channel.k8s.io']
const BOTH = [V4, V5]
const SIZE = '{"Width":80,"Height":24}'

interface FrameCase {
  readonly what: string
  readonly frames: readonly Buffer[]
  /** By what the target hears past the gateway. */
  readonly target: string
  /** What it hears through the gateway, where that is less: the stream then ends with this code. */
  readonly refused?: string
  readonly heard?: string
  readonly protocols?: readonly string[]
  /** The target ends the stream. */
  readonly ends?: boolean
}

const BAD = 'PROTOCOL_VIOLATION'
const DENIED = 'POLICY_DENIED'
const UNSUPPORTED = 'REQUEST_UNSUPPORTED'

/** How a kubelet, and the API server that translates for it, read the frames of a client. */
const CASES: readonly FrameCase[] = [
  { what: 'a message', frames: [frame(0x82, '\0hi\n')], target: 'hi' },
  { what: 'a text', frames: [frame(0x81, '\0hi\n')], target: 'hi' },
  {
    what: 'a line in two messages',
    frames: [frame(0x82, '\0dr'), frame(0x82, '\0op\n')],
    target: 'drop',
    refused: DENIED,
  },
  {
    what: 'a size within a line',
    frames: [frame(0x82, '\0dr'), frame(0x82, `\x04${SIZE}`), frame(0x82, '\0op\n')],
    target: '[80x24] drop',
    heard: '[80x24]',
    refused: DENIED,
  },
  {
    what: 'empty messages within a line',
    frames: [frame(0x82, '\0dr'), frame(0x82, ''), frame(0x82, '\0'), frame(0x82, '\0op\n')],
    target: 'drop',
    refused: DENIED,
  },
  {
    what: 'pings within a line',
    frames: [
      frame(0x82, '\0dr'),
      frame(0x89, '\0x\n'),
      frame(0x8a, '\0y\n'),
      frame(0x82, '\0op\n'),
    ],
    target: 'drop',
    refused: DENIED,
  },
  {
    what: 'fragments, each with a channel',
    frames: [frame(0x02, '\0dr'), frame(0x80, '\0op\n')],
    target: 'drop',
    refused: BAD,
  },
  {
    what: 'a fragment of input behind one of a size',
    frames: [frame(0x02, '\x04'), frame(0x80, '\0drop\n')],
    target: 'drop',
    refused: BAD,
  },
  {
    what: 'a fragment of input behind one of nothing',
    frames: [frame(0x02, ''), frame(0x80, '\0drop\n')],
    target: 'drop',
    refused: BAD,
  },
  {
    what: 'a ping between fragments',
    frames: [frame(0x02, '\0dr'), frame(0x89, ''), frame(0x80, '\0op\n')],
    target: 'drop',
    refused: BAD,
  },
  {
    what: 'a message within a message',
    frames: [frame(0x02, '\0dr'), frame(0x82, '\0op\n')],
    target: 'drop',
    refused: BAD,
  },
  {
    what: 'a message that is never over',
    frames: [frame(0x02, '\0drop\n')],
    target: 'drop',
    refused: BAD,
  },
  {
    what: 'a continuation of nothing',
    frames: [frame(0x80, '\0drop\n')],
    target: 'drop',
    refused: BAD,
  },
  ...[0x83, 0x87, 0x8b, 0x8f].map((first): FrameCase => ({
    what: `a frame of the unknown kind ${first & 0x0f}`,
    frames: [frame(first, '\0drop\n')],
    target: 'drop',
    refused: BAD,
  })),
  ...[0xc2, 0xa2, 0x92].map((first): FrameCase => ({
    what: `a frame with reserved bits (${first.toString(16)})`,
    frames: [frame(first, '\0drop\n')],
    target: 'drop',
    refused: BAD,
  })),
  {
    what: 'a length in a longer form',
    frames: [longer(frame(0x82, '\0drop\n'))],
    target: 'drop',
    refused: BAD,
  },
  {
    what: 'a frame without a mask',
    frames: [Buffer.from('\x82\x06\0drop\n', 'latin1')],
    target: '',
    ends: true,
    refused: BAD,
  },
  {
    what: 'input behind a closing',
    frames: [frame(0x88, '\x03\xe8'), frame(0x82, '\0drop\n')],
    target: '',
    ends: true,
  },
  ...[1, 2, 3, 5, 6, 254].map((channel): FrameCase => ({
    what: `channel ${channel}`,
    frames: [frame(0x82, `${String.fromCharCode(channel)}drop\n`)],
    target: '',
    refused: UNSUPPORTED,
  })),
  {
    what: 'a size in two messages',
    frames: [frame(0x82, `\x04${SIZE.slice(0, 9)}`), frame(0x82, `\x04${SIZE.slice(9)}`)],
    target: '[80x24]',
    heard: '',
    refused: UNSUPPORTED,
  },
  {
    what: 'the end of input',
    frames: [frame(0x82, '\0hi\n'), frame(0x82, '\xff\0')],
    target: 'hi',
    protocols: [V5],
    ends: true,
  },
  {
    what: 'the end of input, of a line that has none',
    frames: [frame(0x82, '\0drop'), frame(0x82, '\xff\0')],
    target: 'drop',
    protocols: [V5],
    ends: true,
    refused: DENIED,
  },
  {
    what: 'the end of input where there is none',
    frames: [frame(0x82, '\0dr'), frame(0x82, '\xff\0'), frame(0x82, '\0op\n')],
    target: 'drop',
    protocols: [V4],
    refused: DENIED,
  },
  {
    what: 'the end of sizes',
    frames: [frame(0x82, '\xff\x04'), frame(0x82, '\0drop\n')],
    target: 'drop',
    protocols: [V5],
    refused: DENIED,
  },
  {
    what: 'the end of no channel',
    frames: [frame(0x82, '\xff\x09')],
    target: '',
    protocols: [V5],
    ends: true,
  },
  {
    what: 'an end with more behind it',
    frames: [frame(0x82, '\xff\0drop\n')],
    target: '',
    protocols: [V5],
    ends: true,
  },
]

/** Two bytes for a length that fits into one. */
function longer(short: Buffer): Buffer {
  const length = short[1]! & 0x7f
  return Buffer.concat([short.subarray(0, 1), Buffer.from([0xfe, 0, length]), short.subarray(2)])
}

const OVER = '\0\nover\n'
const ATTACH =
  '/api/v1/namespaces/prod/pods/web-1/attach?container=web&stdin=true&stdout=true&tty=true'

export function frameCases(start: () => Promise<FrameWorld>, skip: string | false): void {
  let world: FrameWorld
  before(async () => {
    if (skip === false) world = await start()
  })

  /** What is heard of the frames, and of a last line behind them. */
  async function play(reach: Reach, protocol: string, frames: readonly Buffer[]) {
    const stream = await openRawStream(reach, ATTACH, protocol)
    await stream.until(/attached/)
    stream.say(...frames, frame(0x82, OVER))
    await stream.until(/heard over/)
    const isOver = /heard over/.test(stream.heard())
    stream.close()
    const told = stream.heard().matchAll(/heard ([^\r]+)|(\[\d+x\d+\])/g)
    const lines = [...told].map(([, line, size]) => line ?? size!)
    return {
      heard: lines
        .filter((line) => line !== 'over')
        .sort()
        .join(' '),
      isOver,
      closing: stream.closing(),
    }
  }

  for (const { what, frames, target, ...one } of CASES) {
    for (const protocol of one.protocols ?? BOTH) {
      test(`${what}, as the target reads it (${protocol})`, { skip }, async () => {
        const { heard, isOver } = await play(world.direct, protocol, frames)
        assert.equal(heard, target)
        assert.equal(isOver, one.ends !== true)
      })

      test(`${what}, through the gateway (${protocol})`, { skip }, async () => {
        const { heard, closing } = await play(world.through, protocol, frames)
        // What comes at the same moment as a refusal may still be heard, or not.
        const expected = one.refused === undefined ? [target] : ['', one.heard ?? '']
        assert.ok(expected.includes(heard), heard)
        const lines = await recordsOf(world.bench, '/attach')
        if (one.refused !== undefined) {
          assert.ok(lines.at(-1)!.includes(`"error":"${one.refused}"`), lines.at(-1))
          assert.ok(one.refused === closing || target === '', closing)
        }
        for (const line of heard.split(' ').filter((word) => /^\w/.test(word))) {
          const typed = lines.filter((text) => text.includes('"stream":"i"')).join('')
          assert.ok(typed.includes(line), 'what is heard is recorded')
        }
      })
    }
  }
}
