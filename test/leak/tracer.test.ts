import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { SECRETS, secretTexts } from './secrets.ts'
import { createTracer } from './tracer.ts'

const SECRET = 'qz7vexing.jk@wb4hymn.test'
const BYTES = Buffer.from(SECRET)
const each = (spell: (byte: number) => string, between = '') =>
  Array.from(BYTES, spell).join(between)
const hex = (byte: number) => byte.toString(16).padStart(2, '0')
const octal = (byte: number) => byte.toString(8).padStart(3, '0')
const bits = (byte: number) => byte.toString(2).padStart(8, '0')

const PLANTED: Readonly<Record<string, string>> = {
  plain: SECRET,
  'a part': SECRET.slice(4, 11),
  'upper case': SECRET.toUpperCase(),
  reversed: Array.from(SECRET).reverse().join(''),
  interleaved: Array.from(SECRET).join('_'),
  'an array of letters': `{${Array.from(SECRET).join(',')}}`,
  'letters in rows': Array.from(SECRET, (c) => `D\0\0\0\x0b\0\x01\0\0\0\x01${c}`).join(''),
  'letters in columns': `D\0\0\0\xff\0\x1c${Array.from(SECRET, (c) => `\0\0\0\x01${c}`).join('')}`,
  'letters in COPY': Array.from(SECRET, (c) => `d\0\0\0\x06${c}\n`).join(''),
  translated: SECRET.replaceAll(/[a-j]/g, (c) => 'bcdefghija'['abcdefghij'.indexOf(c)]!),
  'UTF-16, little end first': Buffer.from(SECRET, 'utf16le').toString('latin1'),
  'UTF-16, big end first': Buffer.from(SECRET, 'utf16le').swap16().toString('latin1'),
  hex: BYTES.toString('hex'),
  'hex at an odd place': `a${BYTES.toString('hex')}`,
  'hex in upper case': `\\x${BYTES.toString('hex').toUpperCase()}`,
  'hex with blanks': each(hex, ' '),
  'hex of UTF-16': Buffer.from(SECRET, 'utf16le').toString('hex'),
  'hex escapes': each((byte) => `\\x${hex(byte)}`),
  base64: BYTES.toString('base64'),
  'base64 at an odd place': `x${BYTES.toString('base64')}`,
  'base64 for addresses': BYTES.toString('base64url'),
  'base64 of UTF-16': Buffer.from(SECRET, 'utf16le').toString('base64'),
  percent: each((byte) => `%${hex(byte)}`),
  'JSON escapes': each((byte) => `\\u00${hex(byte)}`),
  'escaped JSON escapes': each((byte) => `\\\\u00${hex(byte)}`),
  'XML escapes': each((byte) => `&#x${hex(byte)};`),
  'decimal XML escapes': each((byte) => `&#${byte};`),
  octal: each((byte) => `\\${octal(byte)}`),
  'numbers of characters': each(String, ', '),
  'numbers in rows': each(String, '\n'),
  bits: each(bits, ' '),
  MD5: createHash('md5').update(SECRET).digest('hex'),
}

const trace = createTracer([SECRET])

for (const [spelling, text] of Object.entries(PLANTED)) {
  test(`a secret is found in this spelling: ${spelling}`, () => {
    assert.notEqual(trace(`before ${text} after`), undefined, text)
  })
}

test('what the maskers show, and all else in the tables, is no trace', () => {
  for (const secrets of SECRETS) {
    const traceAll = createTracer(secretTexts(secrets))
    for (const text of [
      '[redacted] Ada Bo milk eggs tea Ghent Oslo 1980 1990',
      'q***@***.test x***@***.test bl**** {"k": "open"} {"k": [1, 2]}',
      '(48,Ghent) door window text_range spot 42703 22P02',
      'aGVsbG8gd29ybGQsIGFnYWlu 68656c6c6f20776f726c64 104, 101, 108, 108, 111, 32, 119',
    ]) {
      assert.equal(traceAll(text), undefined, text)
    }
  }
})
