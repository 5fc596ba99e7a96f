import assert from 'node:assert/strict'
import { test } from 'node:test'
import { constants, deflateRawSync } from 'node:zlib'
import { createHeaderReader } from './spdy-headers.ts'

const HEAD = Buffer.from('78bbe3c6a7c2', 'hex')
const flush = { finishFlush: constants.Z_SYNC_FLUSH }

function word(text: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  return Buffer.concat([length, Buffer.from(text, 'latin1')])
}

function plain(...headers: readonly (readonly [string, string])[]): Buffer {
  const count = Buffer.alloc(4)
  count.writeUInt32BE(headers.length)
  return Buffer.concat([count, ...headers.flat().map(word)])
}

const first = (text: Buffer) => Buffer.concat([HEAD, deflateRawSync(text, flush)])

/** Two blocks as kubectl's library writes them, the second by reference to the first. */
const FROM_KUBECTL = [
  '78f9e3c6a7c202253a060606ce2248fc6482d22da30138e59514a526e6420b17d65450d0430aea22709eb030b03000000000ffff',
  '826a46550a2a8712b1a844b302000000ffff',
]

test('blocks that refer to the dictionary and to each other', () => {
  const read = createHeaderReader()
  const [one, two] = FROM_KUBECTL.map((hex) => read(Buffer.from(hex, 'hex')))
  const rest = { port: '8080', requestid: '0' }
  assert.deepEqual(Object.fromEntries(one ?? []), { streamtype: 'error', ...rest })
  assert.deepEqual(Object.fromEntries(two ?? []), { streamtype: 'data', ...rest })
})

const ODD: readonly (readonly [what: string, block: Buffer])[] = [
  ['no zlib head', deflateRawSync(plain(['port', '80']), flush)],
  ['another dictionary', Buffer.concat([Buffer.from('78bb00000001', 'hex'), first(plain())])],
  ['more than its headers', first(Buffer.concat([plain(['port', '80']), plain(['port', '22'])]))],
  ['less than its headers', first(plain(['port', '80']).subarray(0, -1))],
  ['a header twice', first(plain(['port', '80'], ['port', '22']))],
  ['a name in capitals', first(plain(['Port', '80']))],
  ['two values', first(plain(['port', '80\u000022']))],
  ['a last block', Buffer.concat([HEAD, deflateRawSync(plain(['port', '80']))])],
  // A stored block that says it is five bytes longer: a reader with a memory waits for them.
  ['an end within a block', stored(plain(['port', '80']), 5, 0)],
  ['an end within a last block', stored(plain(['port', '80']), 5, 1)],
  ['too much', first(plain(['port', '8'.repeat(100_000)]))],
]

function stored(text: Buffer, missing: number, last: number): Buffer {
  const head = Buffer.alloc(5)
  const length = text.length + missing
  head[0] = last
  head.writeUInt16LE(length, 1)
  head.writeUInt16LE(~length & 0xffff, 3)
  return Buffer.concat([HEAD, head, text])
}

for (const [what, block] of ODD) {
  test(`no headers: ${what}`, () => assert.equal(createHeaderReader()(block), undefined))
}
