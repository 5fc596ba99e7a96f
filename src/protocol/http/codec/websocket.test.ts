import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ChaperoneError } from '../../../core/errors.ts'
import { FRAME_BYTES_MAX } from '../limits.ts'
import type { Frame } from './websocket.ts'
import { FrameReader } from './websocket.ts'

interface Written {
  readonly fin?: boolean
  readonly opcode?: number
  readonly bits?: number
  readonly masked?: boolean
  readonly payload?: Buffer
  /** The form of the length: bytes that follow the first one. */
  readonly form?: 0 | 2 | 8
  readonly length?: bigint
}

const KEY = Buffer.from([1, 2, 3, 4])

function frame(written: Written): Buffer {
  const { fin = true, opcode = 2, bits = 0, masked = true, payload = Buffer.alloc(0) } = written
  const length = written.length ?? BigInt(payload.length)
  const form = written.form ?? (length < 126n ? 0 : length < 65_536n ? 2 : 8)
  const short = form === 0 ? Number(length) : form === 2 ? 126 : 127
  const head = Buffer.of((fin ? 0x80 : 0) | bits | opcode, (masked ? 0x80 : 0) | short)
  const extended = Buffer.alloc(form)
  if (form === 2) extended.writeUInt16BE(Number(length))
  if (form === 8) extended.writeBigUInt64BE(length)
  const body = masked ? payload.map((byte, at) => byte ^ KEY[at % 4]!) : payload
  return Buffer.concat([head, extended, masked ? KEY : Buffer.alloc(0), body])
}

function read(bytes: Buffer, { masked = true, fragments = false } = {}, size = bytes.length) {
  const violation = (what: string) => new ChaperoneError('PROTOCOL_VIOLATION', what)
  const reader = new FrameReader({ masked, fragments, violation })
  const frames: Frame[] = []
  for (let at = 0; at < bytes.length; at += size) {
    reader.push(bytes.subarray(at, at + size), (one) => frames.push(one))
  }
  return { frames, held: reader.held }
}

const REFUSED = { code: 'PROTOCOL_VIOLATION' }

describe('frames', () => {
  test('are read whole, of every length, wherever they are divided', () => {
    for (const masked of [true, false]) {
      for (const length of [0, 1, 3, 4, 5, 125, 126, 127, 65_535, 65_536]) {
        const payload = Buffer.alloc(length, 'abcdefg')
        const bytes = frame({ payload, masked })
        for (const size of [1, 2, 3, 7, bytes.length].filter((one) => one * 1000 > length)) {
          const { frames } = read(Buffer.concat([bytes, bytes]), { masked }, size)
          assert.equal(frames.length, 2)
          for (const one of frames) {
            assert.deepEqual(one.bytes, bytes)
            assert.deepEqual(one.payload, payload)
            assert.equal(one.fin, true)
            assert.equal(one.opcode, 2)
          }
        }
      }
    }
  })

  test('have the shortest form of their length, and a largest one', () => {
    const forms = [
      [0n, 2],
      [125n, 2],
      [125n, 8],
      [126n, 8],
      [65_535n, 8],
      [BigInt(FRAME_BYTES_MAX) + 1n, 8],
      [2n ** 53n + 1n, 8],
      [2n ** 64n - 1n, 8],
    ] as const
    for (const [length, form] of forms) {
      assert.throws(() => read(frame({ length, form })), REFUSED, `${length} in ${form}`)
    }
    for (const length of [126n, 65_535n, 65_536n, BigInt(FRAME_BYTES_MAX)]) {
      assert.deepEqual(read(frame({ length })).frames, [])
    }
  })

  test('are masked by clients and not by servers', () => {
    assert.throws(() => read(frame({ masked: false })), REFUSED)
    assert.throws(() => read(frame({ masked: true }), { masked: false }), REFUSED)
  })

  test('are of no extension and of a known kind', () => {
    for (const bits of [0x10, 0x20, 0x40, 0x70]) assert.throws(() => read(frame({ bits })), REFUSED)
    const known = Array.from({ length: 16 }, (_, opcode) => opcode).filter((opcode) => {
      try {
        return read(frame({ opcode })).frames.length === 1
      } catch {
        return false
      }
    })
    assert.deepEqual(known, [1, 2, 8, 9, 10])
  })

  test('of control are short and whole', () => {
    for (const opcode of [8, 9, 10]) {
      assert.equal(read(frame({ opcode, payload: Buffer.alloc(125) })).frames.length, 1)
      assert.throws(() => read(frame({ opcode, payload: Buffer.alloc(126) })), REFUSED)
      const pieces = { masked: false, fragments: true }
      assert.throws(() => read(frame({ opcode, fin: false, masked: false }), pieces), REFUSED)
    }
  })

  test('in pieces come from servers alone, one message after another', () => {
    const begins = { fin: false, masked: false }
    const goesOn = { fin: false, opcode: 0, masked: false }
    const ends = { opcode: 0, masked: false }
    const ping = { opcode: 9, masked: false }
    const whole = { masked: false }
    const all = (...written: Written[]) => Buffer.concat(written.map(frame))
    const pieces = { masked: false, fragments: true }
    assert.equal(read(all(begins, ping, goesOn, ends, whole), pieces).frames.length, 5)
    for (const wrong of [
      [ends],
      [goesOn],
      [begins, whole],
      [begins, begins],
      [begins, ends, ends],
      [whole, ends],
    ]) {
      assert.throws(() => read(all(...wrong), pieces), REFUSED)
    }
    for (const written of [{ fin: false }, { opcode: 0 }, { fin: false, opcode: 0 }]) {
      assert.throws(() => read(frame(written)), REFUSED)
    }
  })

  test('that have not come are held, and said to be', () => {
    const bytes = frame({ payload: Buffer.alloc(1000) })
    assert.ok(read(bytes.subarray(0, 900)).held >= 900)
    assert.equal(read(bytes).held, 0)
  })
})
