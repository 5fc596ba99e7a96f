import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ColumnMask, DetectMask, MaskRule } from '../../../../core/verdict.ts'
import { messagesTreatment } from './messages.ts'
import type { AnswerContext } from './parts.ts'

const DETECT: DetectMask = {
  type: 'detect',
  detectors: ['email'],
  with: { name: 'redact' },
  policy: 'p',
  rule: 'r',
}
const NAMED: ColumnMask = {
  type: 'columns',
  covers: (path) => path.join('/') === 'acme/jobs/MessageText',
  with: { name: 'redact' },
  predicates: 'allow',
  policy: 'p',
  rule: 'r',
}

const base64 = (text: string) => Buffer.from(text).toString('base64')
const HEAD = '<?xml version="1.0" encoding="utf-8"?><QueueMessagesList>'
const list = (...texts: readonly string[]) =>
  `${HEAD}${texts
    .map(
      (text) =>
        `<QueueMessage><MessageId>i</MessageId><MessageText>${text}</MessageText></QueueMessage>`,
    )
    .join('')}</QueueMessagesList>`

function treated(body: string | Buffer, masks: readonly MaskRule[], type = 'application/xml') {
  const context = {
    answer: { status: 200, headers: [['content-type', type]] },
    headers: [],
    masks: {
      detect: masks.filter((mask) => mask.type === 'detect'),
      columns: masks.filter((mask) => mask.type === 'columns'),
      any: masks.length > 0,
    },
    note: { deed: { object: ['acme', 'jobs'] } },
    options: { maskKeys: { hashKey: Buffer.alloc(32) } },
  } as unknown as AnswerContext
  const treatment = messagesTreatment(context)
  if (treatment.type !== 'transform') return treatment.type
  const transform = treatment.body
  return String(Buffer.concat([transform.write(Buffer.from(body as string)), transform.end()]))
}

describe('messages of a queue', () => {
  test('pass where nothing is masked, and are not shown in a form that is not read', () => {
    assert.equal(treated(list('a@b.co'), []), 'pass')
    assert.equal(treated(list('a@b.co'), [DETECT], 'application/json'), 'refused')
  })

  test('are masked as text and as what base64 holds, each in its own form', () => {
    for (const [text, wanted] of [
      ['write to a@example.com', 'write to [redacted]'],
      [base64('write to a@example.com'), base64('write to [redacted]')],
      ['&lt;a@example.com&gt;', '&lt;[redacted]&gt;'],
      ['a&#64;example.com', '[redacted]'],
      ['a&#x40;example.com', '[redacted]'],
      ['nothing', 'nothing'],
      [base64('nothing'), base64('nothing')],
      ['abcd', 'abcd'],
      ['', ''],
    ] as const) {
      assert.equal(treated(list(text, 'x', text), [DETECT]), list(wanted, 'x', wanted), text)
    }
  })

  test('are replaced whole where a mask names their text', () => {
    for (const text of ['a', base64('a'), 'a@example.com']) {
      assert.equal(treated(list(text), [NAMED]), list('[redacted]'))
      assert.equal(treated(list(text), [NAMED, DETECT]), list('[redacted]'))
    }
    const other: ColumnMask = { ...NAMED, covers: () => false }
    assert.equal(treated(list('a'), [other]), list('a'))
  })

  test('are not shown where another reader might find another text', () => {
    for (const body of [
      '',
      'x',
      `${list('a')}x`,
      list('a').replace('utf-8', 'utf-16'),
      list('a<b>c</b>'),
      list('<![CDATA[a]]>'),
      `<!DOCTYPE x>${list('a')}`,
      list('a').replace('<MessageId>', '<!-- a --><MessageId>'),
      list('a').replaceAll('MessageId', 'OtherText'),
      Buffer.concat([Buffer.from(list('a').slice(0, 80)), Buffer.of(0xff)]),
    ]) {
      assert.throws(() => treated(body, [DETECT]), { code: 'MASK_UNPROVABLE' }, String(body))
    }
  })
})
