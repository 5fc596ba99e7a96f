import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DetectMask } from '../../../../core/verdict.ts'
import { CONTEXT_CHARACTERS, WINDOW_BYTES } from '../requests/limits.ts'
import { createDigestRemover, createReplacer } from './rewrite.ts'
import { createTextTransform } from './text-mask.ts'

const MASKS: readonly DetectMask[] = [
  {
    type: 'detect',
    detectors: ['payment-card', 'email', 'private-key'],
    with: { name: 'redact' },
    policy: 'p',
    rule: 'r',
  },
]
const KEYS = { hashKey: Buffer.alloc(32) }
const CARD = '4111 1111 1111 1111'

function through(text: string | Buffer, piece: number, isJson = false) {
  const transform = createTextTransform(MASKS, KEYS, isJson)
  const bytes = Buffer.from(text)
  const out: Buffer[] = []
  for (let at = 0; at < bytes.length; at += piece) {
    out.push(transform.write(bytes.subarray(at, at + piece)))
  }
  out.push(transform.end())
  return { text: Buffer.concat(out).toString(), masked: transform.masked }
}

describe('texts are masked as they stream, and keep their length', () => {
  test('in whatever pieces they come', () => {
    const text = `ä ${CARD} ö a@example.com, b`
    for (const piece of [1, 2, 3, 7, 1000]) {
      const got = through(text, piece)
      assert.equal(got.text, 'ä [redacted]********* ö [redacted]***, b')
      assert.deepEqual([...got.masked].sort(), ['email', 'payment-card'])
    }
  })

  test('and a character of any length is whole at the end of a piece', () => {
    const characters = ['\u007f', '\u0080', '\u07ff', '\u0800', '\uffff', '\u{10000}', '\u{10ffff}']
    for (const character of characters) {
      const text = `${character.repeat(WINDOW_BYTES / 2)} a@example.com ${character}`
      for (const shift of [0, 1, 2, 3]) {
        const got = through(`${'x'.repeat(shift)}${text}`, 65_536)
        assert.equal(
          got.text,
          `${'x'.repeat(shift)}${text.replace('a@example.com', '[redacted]***')}`,
        )
      }
    }
  })

  test('wherever the secret lies, at the ends of windows too', () => {
    const filler = 'abcdefg '.repeat((WINDOW_BYTES + 3 * CONTEXT_CHARACTERS) / 8)
    for (const at of [
      0,
      WINDOW_BYTES - CONTEXT_CHARACTERS - 10,
      WINDOW_BYTES - CONTEXT_CHARACTERS,
      WINDOW_BYTES - 10,
      WINDOW_BYTES,
      filler.length,
    ]) {
      const start = at - (at % 8)
      const text = `${filler.slice(0, start)}${CARD} ${filler.slice(start)}`
      const got = through(text, 65_536)
      assert.equal(got.text.length, text.length)
      assert.equal(got.text.includes('1111'), false, `at ${start}`)
      assert.equal(got.text.replace(/\[redacted\]\*+ /, ''), filler)
    }
  })

  test('a key over many lines, longer than what is looked at on both sides of a cut', () => {
    const lines = `${'QUJD'.repeat(16)}\n`.repeat(400)
    const key = `-----BEGIN PRIVATE KEY-----\n${lines}-----END PRIVATE KEY-----`
    const filler = 'word '.repeat(WINDOW_BYTES / 5 - 2000)
    const got = through(`${filler}${key} end ${filler}`, 50_000)
    assert.equal(got.text.includes('QUJD'), false)
    assert.equal(got.text.length, filler.length * 2 + key.length + 5)
  })

  test('a number in JSON stays one, and a secret with escapes is seen', () => {
    const got = through('{"card":4111111111111111,"mail":"a\\u0040example.com"}', 5, true)
    assert.equal(got.text, '{"card":9999999999999999,"mail":"[redacted]********"}')
  })

  test('what is no UTF-8 text is not let through', () => {
    for (const bytes of [
      Buffer.from([0x61, 0xff, 0xfe, 0x62]),
      Buffer.from(CARD, 'utf16le'),
      Buffer.from([0x61, 0xc3]),
    ]) {
      assert.throws(() => through(bytes, 10), { code: 'MASK_UNPROVABLE' })
    }
  })
})

test('links are rewritten in whatever pieces they come, and nothing else is', () => {
  const pairs = [
    ['"https://target/', '"https://gateway/x/'],
    ['"https://target:443/', '"https://gateway/x/'],
  ] as const
  const text = '{"a":"https://target/b","c":"https://target:443/d","e":"see https://target/"}'
  for (let piece = 1; piece < text.length; piece++) {
    const replacer = createReplacer(pairs)
    const out: Buffer[] = []
    for (let at = 0; at < text.length; at += piece) {
      out.push(replacer.write(Buffer.from(text.slice(at, at + piece))))
    }
    out.push(replacer.end())
    assert.equal(
      Buffer.concat(out).toString(),
      '{"a":"https://gateway/x/b","c":"https://gateway/x/d","e":"see https://target/"}',
    )
  }
})

test('hashes of contents are taken out of listings', () => {
  const text = '<Name>a</Name><Content-MD5>XrY7u+Ae7tCTyyK7j1rNww==</Content-MD5><Etag>1</Etag>'
  const long = `${'<Name>x</Name>'.repeat(40)}${text}`
  for (const piece of [1, 5, 64, 1000]) {
    const remover = createDigestRemover()
    const out: Buffer[] = []
    for (let at = 0; at < long.length; at += piece) {
      out.push(remover.write(Buffer.from(long.slice(at, at + piece))))
    }
    out.push(remover.end())
    assert.equal(Buffer.concat(out).toString(), long.replace('XrY7u+Ae7tCTyyK7j1rNww==', ''))
  }
})
