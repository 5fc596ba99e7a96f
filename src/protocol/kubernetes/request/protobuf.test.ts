import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readProtobuf } from './protobuf.ts'

function field(number: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes])
}

const META = Buffer.concat([field(1, 'db'), field(3, 'prod')])
const TYPE = Buffer.concat([field(1, 'v1'), field(2, 'Secret')])
const object = (...parts: readonly Buffer[]) => Buffer.concat([field(1, META), ...parts])
const body = (...parts: readonly Buffer[]) => Buffer.concat([Buffer.from('k8s\0'), ...parts])

test('the name and the kind are read', () => {
  const read = readProtobuf(body(field(1, TYPE), field(2, object()), field(3, ''), field(4, '')))
  assert.deepEqual(read, { apiVersion: 'v1', kind: 'Secret', name: 'db', holdsMask: false })
})

test('the text of a mask is found', () => {
  const read = readProtobuf(body(field(1, TYPE), field(2, object(field(2, 'x[redacted]y')))))
  assert.ok(typeof read !== 'string' && read.holdsMask)
})

test('what stands twice, in another encoding or cut is refused', () => {
  for (const wrong of [
    Buffer.concat([field(1, TYPE), field(2, object())]),
    body(field(1, TYPE), field(2, object()), field(2, object())),
    body(field(1, TYPE), field(2, object(field(1, META)))),
    body(field(1, TYPE), field(2, field(1, Buffer.concat([META, field(1, 'other')])))),
    body(field(1, TYPE), field(2, object()), field(3, 'gzip')),
    body(field(1, TYPE), field(2, object())).subarray(0, -3),
    body(Buffer.from([0x0f])),
    body(Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01])),
  ]) {
    assert.equal(typeof readProtobuf(wrong), 'string')
  }
})
