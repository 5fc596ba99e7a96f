import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldOf, readJson } from './json.ts'

const why = (bytes: string | Buffer) => {
  const read = readJson(Buffer.from(bytes as string))
  return typeof read === 'string' ? read : undefined
}

test('what two readers may understand differently is no JSON', () => {
  assert.match(why('{"a":1,"a":2}') ?? '', /twice/)
  assert.match(why('{"properties":{},"Properties":{}}') ?? '', /twice/)
  assert.match(why('{"a":1,"\\u0061":2}') ?? '', /twice/)
  assert.match(why('[{"x":{"b":1,"B":2}}]') ?? '', /twice/)
  assert.match(why('\ufeff{}') ?? '', /byte order mark/)
  assert.match(why(Buffer.from('{"a":1}', 'utf16le')) ?? '', /JSON|UTF-8/)
  assert.match(why(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])) ?? '', /UTF-8/)
  for (const text of ["{'a':1}", '{"a":1,}', '{"a":1}//x', '{"a":NaN}', '{} {}', '']) {
    assert.match(why(text) ?? '', /JSON/, text)
  }
  assert.match(why(`${'['.repeat(101)}${']'.repeat(101)}`) ?? '', /deep/)
  assert.equal(why('{"a":{"b":1},"c":{"b":1}}'), undefined)
})

test('fields are found in any case', () => {
  const read = readJson(Buffer.from('{"Properties":{"MODE":"Complete"}}'))
  assert.ok(typeof read !== 'string')
  assert.equal(fieldOf(fieldOf(read.value, 'properties'), 'mode'), 'Complete')
  assert.equal(fieldOf(read.value, '__proto__'), undefined)
})
