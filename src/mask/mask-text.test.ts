import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { DETECTOR_NAMES, type DetectMask, type MaskerSpec } from '../core/verdict.ts'
import type { Kind } from './kind.ts'
import { createTextMasker } from './mask-text.ts'

const KEYS = { hashKey: Buffer.alloc(32, 7) }
const CARD = '4111111111111111'

function rule(spec: MaskerSpec, detectors = DETECTOR_NAMES as DetectMask['detectors']): DetectMask {
  return { type: 'detect', detectors, with: spec, policy: 'p', rule: 'r' }
}

function mask(text: string, kind: Kind = 'text', ...masks: DetectMask[]): string | null {
  return createTextMasker(masks.length > 0 ? masks : [rule({ name: 'redact' })], kind, KEYS)(text)
}

describe('text', () => {
  test('loses what is found and nothing else', () => {
    assert.equal(mask(`pay ${CARD}, mail a@b.co now`), 'pay [redacted], mail [redacted] now')
    assert.equal(mask('{a@b.co,"c d"}'), '{[redacted],"c d"}')
    assert.equal(mask('nothing here'), 'nothing here')
  })

  test('is searched behind escapes', () => {
    assert.equal(mask(String.raw`alice\u0040example.com`), '[redacted]')
    assert.equal(mask(String.raw`\u0034111111111111111 x`), '[redacted] x')
    assert.equal(
      mask(String.raw`"{\"a\":\"alice\\u0040example.com\"}"`),
      String.raw`"{\"a\":\"[redacted]\"}"`,
    )
    assert.equal(mask(String.raw`4111\/1111\/1111\/1111`), '[redacted]')
  })

  test('takes the strictest masker where finds overlap', () => {
    const email = rule({ name: 'partial', keepStart: 2 }, ['email'])
    const card = rule({ name: 'hash' }, ['payment-card'])
    assert.match(mask(`${CARD}@example.com`, 'text', email, card)!, /^[0-9a-f]{16}$/)
  })

  test('is NULL as a whole under a null rule', () => {
    assert.equal(mask(`x ${CARD}`, 'text', rule({ name: 'null' })), null)
    assert.equal(mask('x', 'text', rule({ name: 'null' })), 'x')
  })

  test('keeps ends under a partial rule', () => {
    const last4 = rule({ name: 'partial', keepEnd: 4 }, ['payment-card'])
    assert.equal(mask(`card ${CARD}.`, 'text', last4), 'card ****1111.')
  })
})

describe('JSON', () => {
  test('stays JSON', () => {
    const value = { a: 'x@y.co', n: 1, b: [`"${CARD}"`, null, true], 'k@y.co': '\\' }
    assert.deepEqual(JSON.parse(mask(JSON.stringify(value), 'json')!), {
      a: '[redacted]',
      n: 1,
      b: ['"[redacted]"', null, true],
      '[redacted]': '\\',
    })
  })

  test('loses whole numbers', () => {
    assert.equal(mask(`{"n":-${CARD}.0,"m":[${CARD},7]}`, 'json'), '{"n":null,"m":[null,7]}')
    const zero = rule({ name: 'number' })
    assert.equal(mask(`[${CARD}, 7]`, 'json', zero), '[0, 7]')
  })

  test('a key block without end takes no more than its string', () => {
    const text = JSON.stringify({ k: '-----BEGIN PRIVATE KEY-----\nabc', c: 'x@y.co', d: 'fine' })
    assert.equal(mask(text, 'json'), '{"k":"[redacted]","c":"[redacted]","d":"fine"}')
  })

  test('of any shape stays JSON and loses every canary', () => {
    const canary = fc.constantFrom('alice@example.com', CARD, '123-45-6789', '10.1.2.3')
    const word = fc.tuple(fc.string(), canary, fc.string()).map(([a, b, c]) => `${a} ${b} ${c}`)
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        word,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(word, tie('tree'), { maxKeys: 4 }),
      ),
    }))
    const escapeAll = (text: string) =>
      text.replaceAll(/[0-9@]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)
    fc.assert(
      fc.property(tree, fc.boolean(), (value, isEscaped) => {
        const text = isEscaped
          ? JSON.stringify(value).replaceAll(/"(?:[^"\\]|\\.)*"/g, (s) =>
              s.replaceAll(/\\u[0-9a-f]{4}|\\.|[^\\]+/g, (p) => (p[0] === '\\' ? p : escapeAll(p))),
            )
          : JSON.stringify(value)
        const masked = JSON.stringify(JSON.parse(mask(text, 'json')!))
        for (const secret of ['alice@example.com', CARD, '123-45-6789', '10.1.2.3']) {
          assert.ok(!masked.includes(secret), masked)
        }
      }),
    )
  })
})

describe('other kinds', () => {
  test('numbers are searched for cards and keep their type', () => {
    assert.equal(mask(CARD, 'bigint'), null)
    assert.equal(mask(`-${CARD}.00`, 'number', rule({ name: 'number' })), '0')
    assert.equal(mask('4.111111111111111e+15', 'number'), null)
    assert.equal(mask('-$4,111,111,111,111,111.00', 'number'), null)
    assert.equal(mask('NaN', 'number'), 'NaN')
    assert.equal(mask('4111111111111112', 'bigint'), '4111111111111112')
  })

  test('what cannot hold a masked part is NULL', () => {
    assert.equal(mask('(10.1.2.3,x)', 'other'), null)
    assert.equal(mask('(1,x)', 'other'), '(1,x)')
  })
})
