import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { JOINED_BYTES } from '../limits.ts'
import { H1Writer } from './h1-writer.ts'
import { createWriteBuffers } from './write-buffers.ts'

/** A socket that keeps what is written, and has written it when it is told to. */
function setUp() {
  const wrote: string[] = []
  const under: (() => void)[] = []
  const given: Buffer[] = []
  const state = { destroyed: false }
  const socket = {
    get destroyed() {
      return state.destroyed
    },
    write(bytes: Buffer, done: () => void) {
      wrote.push(bytes.toString('latin1'))
      under.push(done)
    },
  }
  const real = createWriteBuffers()
  const buffers = { take: () => real.take(), give: (buffer: Buffer) => void given.push(buffer) }
  const writer = new H1Writer(socket as unknown as Socket, buffers)
  const drain = () => {
    for (const done of under.splice(0)) done()
  }
  return { writer, wrote, drain, given, state }
}

const head = (status: number) => ({ status, headers: [['x', '1']] as const })

describe('an answer', () => {
  test('says how its body ends, and whether the connection does', () => {
    for (const [status, length, close, wanted] of [
      [200, 3, false, 'HTTP/1.1 200 OK\r\nx: 1\r\ncontent-length: 3\r\n\r\n'],
      [200, 0, true, 'HTTP/1.1 200 OK\r\nx: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'],
      [304, 'none', false, 'HTTP/1.1 304 Not Modified\r\nx: 1\r\n\r\n'],
      [204, 'none', true, 'HTTP/1.1 204 No Content\r\nx: 1\r\nconnection: close\r\n\r\n'],
      [
        101,
        'none',
        true,
        'HTTP/1.1 101 Switching Protocols\r\nx: 1\r\nconnection: upgrade\r\n\r\n',
      ],
      [599, 'unknown', false, 'HTTP/1.1 599 \r\nx: 1\r\ntransfer-encoding: chunked\r\n\r\n'],
    ] as const) {
      const { writer, wrote } = setUp()
      writer.head(head(status), length, close)
      writer.flush()
      assert.equal(wrote.join(''), wanted)
    }
  })

  test('of unknown length goes in chunks, and has trailers', () => {
    const { writer, wrote } = setUp()
    writer.head(head(200), 'unknown', false)
    writer.body(Buffer.from('0123456789abcdef'))
    writer.body(Buffer.from('z'))
    writer.end([['t', '1']])
    const [, body] = wrote.join('').split('\r\n\r\n')
    assert.equal(body, '10\r\n0123456789abcdef\r\n1\r\nz\r\n0\r\nt: 1')
    writer.head(head(200), 1, false)
    writer.body(Buffer.from('y'))
    writer.end([])
    assert.match(wrote.join(''), /content-length: 1\r\n\r\ny$/, 'the next one is not in chunks')
  })

  test('that changes the protocol goes at once: what follows is written by others', () => {
    const { writer, wrote } = setUp()
    writer.head(head(101), 'none', false)
    assert.equal(wrote.length, 1)
  })

  test('goes out together as far as it comes in one turn', async () => {
    const { writer, wrote, drain } = setUp()
    writer.head(head(200), 4, false)
    writer.body(Buffer.from('ab'))
    assert.deepEqual(wrote, [])
    await turn()
    assert.equal(wrote.length, 1)
    writer.body(Buffer.from('c'))
    await turn()
    assert.equal(wrote.length, 1, 'a buffer that is not full waits for the one under way')
    writer.body(Buffer.from('d'))
    drain()
    await turn()
    drain()
    assert.deepEqual(wrote.slice(1), ['cd'])
  })

  test('has its memory to itself: the caller’s may change at once', async () => {
    const { writer, wrote } = setUp()
    const bytes = Buffer.from('ab')
    writer.head(head(200), 'unknown', false)
    writer.body(bytes)
    bytes.fill('x')
    await turn()
    assert.match(wrote.join(''), /2\r\nab\r\n$/)
  })

  test('that is long goes in full buffers, each given back when it is written and not before', () => {
    const { writer, wrote, drain, given } = setUp()
    const length = 3 * JOINED_BYTES
    writer.head(head(200), length, false)
    writer.body(Buffer.alloc(length, 'a'))
    writer.end([])
    const sizes = wrote.map((one) => one.length)
    assert.ok(sizes.every((size) => size <= JOINED_BYTES))
    assert.deepEqual(sizes.slice(0, 3), [JOINED_BYTES, JOINED_BYTES, JOINED_BYTES])
    assert.equal(wrote.join('').split('\r\n\r\n')[1]!.length, length)
    assert.equal(given.length, 0)
    drain()
    assert.equal(given.length, sizes.length)
  })

  test('to a client that has gone is not written', () => {
    const { writer, wrote, state } = setUp()
    writer.head(head(200), 1, false)
    state.destroyed = true
    writer.body(Buffer.from('a'))
    writer.end([])
    assert.deepEqual(wrote, [])
  })
})
