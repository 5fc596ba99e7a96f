import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import { maskRow } from '../../../../test/support/masking/mask-row.ts'
import type { DetectMask } from '../../../core/verdict.ts'
import { planMasks } from '../../../mask/plan.ts'
import type { CopyStream } from '../../../sql/classification.ts'
import { BACKEND, FRONTEND } from '../messages/frame.ts'
import type { FieldDescription } from '../messages/message.ts'
import {
  describe as describeMessage,
  execute,
  parse,
  readRowDescription,
  SYNC,
} from '../messages/message.ts'
import { int16, message } from '../messages/writer.ts'
import { decodeBinary, encodeBinary } from './binary-form.ts'
import { createCopyMasker } from './copy-rows.ts'
import { createRowMasker } from './rows.ts'

/** Against PostgreSQL itself: what it writes is read right, and what is written it would write. */

const KEYS = { hashKey: Buffer.alloc(32, 7) }
const DETECT: DetectMask = {
  type: 'detect',
  detectors: ['payment-card', 'email', 'ip-address'],
  with: { name: 'redact' },
  policy: 'p',
  rule: 'r',
}

let server: PGlite

before(async () => {
  server = await PGlite.create()
  await server.exec("SET timezone = 'UTC'; SET extra_float_digits = 1")
})

after(() => server.close())

interface Row {
  readonly fields: readonly FieldDescription[]
  readonly body: Buffer
  readonly values: readonly (Buffer | null)[]
}

interface Message {
  readonly type: number
  readonly body: Buffer
}

async function talk(...messages: Buffer[]): Promise<Message[]> {
  const answer = Buffer.from(await server.execProtocolRaw(Buffer.concat(messages)))
  const result: Message[] = []
  for (let at = 0; at < answer.length;) {
    const end = at + 1 + answer.readInt32BE(at + 1)
    result.push({ type: answer[at]!, body: answer.subarray(at + 5, end) })
    at = end
  }
  const error = result.find(({ type }) => type === BACKEND.ErrorResponse)
  assert.equal(error, undefined, error?.body.toString())
  return result
}

async function query(text: string, format: 0 | 1): Promise<Row> {
  const bind = message(FRONTEND.Bind, '', '', int16(0), int16(0), int16(1), int16(format))
  const answers = await talk(
    parse('', text),
    bind,
    describeMessage('portal', ''),
    execute(''),
    SYNC,
  )
  const description = answers.find(({ type }) => type === BACKEND.RowDescription)!.body
  const { body } = answers.find(({ type }) => type === BACKEND.DataRow)!
  return {
    fields: readRowDescription(description, 0, description.length),
    body,
    values: readValues(body),
  }
}

function readValues(body: Buffer): (Buffer | null)[] {
  let at = 2
  return Array.from({ length: body.readUInt16BE(0) }, () => {
    const length = body.readInt32BE(at)
    at += 4 + Math.max(length, 0)
    return length === -1 ? null : body.subarray(at - length, at)
  })
}

/** Expressions whose binary form is decoded to just the text that the server writes. */
const VALUES = [
  'true',
  'false',
  '(-32768)::int2',
  '2147483647::int4',
  '(-9223372036854775808)::int8',
  '4294967295::oid',
  "'18446744073709551615'::xid8",
  '1.5::float4',
  '0.1::float4',
  "'-0'::float8",
  '0.1::float8',
  "'NaN'::float8",
  '0::numeric',
  '0.00::numeric',
  '-1.50::numeric',
  '12345678901234567890.0000000001::numeric',
  '0.00001234::numeric',
  '10000::numeric',
  "'NaN'::numeric",
  "'Infinity'::numeric",
  "'-Infinity'::numeric",
  "'näive ☃'::text",
  "'x'::varchar(3)",
  "'x'::bpchar(3)",
  "'x'::name",
  "'550e8400-e29b-41d4-a716-446655440000'::uuid",
  "'2024-02-29'::date",
  "'2000-01-01'::date",
  "'1999-12-31'::date",
  "'0001-01-01'::date",
  "'0044-03-15 BC'::date",
  "'4713-01-01 BC'::date",
  "'5874897-12-31'::date",
  "'infinity'::date",
  "'-infinity'::date",
  "'2024-05-06 07:08:09.1234'::timestamp",
  "'1969-12-31 23:59:59.999999'::timestamp",
  "'0044-03-15 01:02:03 BC'::timestamp",
  "'infinity'::timestamp",
  "'2024-05-06 07:08:09+00'::timestamptz",
  "'07:08:09.5'::time",
  "'24:00:00'::time",
  "'07:08:09+05:30'::timetz",
  "'07:08:09-08'::timetz",
  "'\\xdeadbeef'::bytea",
  `'{"a": 1}'::json`,
  `'{"a": "ü"}'::jsonb`,
  "'10.1.2.3'::inet",
  "'10.0.0.0/8'::cidr",
  "'10.1.2.3/8'::inet",
  "'2001:db8::1'::inet",
  "'::1'::inet",
  "'2001:db8:0:1:0:0:0:0/64'::cidr",
  "'::'::inet",
  '\'a\'::"char"',
]

/** Decoded for people and searches alone: a masker never writes these. */
const ONE_WAY = /::(?:timetz|inet|cidr|"char")$|Infinity'::numeric$/

describe('binary values', () => {
  for (const expression of VALUES) {
    test(expression, async () => {
      const text = await query(`SELECT ${expression}`, 0)
      const binary = await query(`SELECT ${expression}`, 1)
      const oid = binary.fields[0]!.typeOid
      const decoded = decodeBinary(oid, binary.values[0]!)
      assert.equal(decoded, text.values[0]!.toString())
      if (ONE_WAY.test(expression)) return
      assert.deepEqual(encodeBinary(oid, decoded), binary.values[0])
    })
  }

  test('money and intervals are told in words of our own', async () => {
    const row = await query(
      "SELECT '-12.34'::money, '1 mon 2 days 03:04:05.5'::interval, '-1 hour'::interval",
      1,
    )
    const told = row.fields.map(({ typeOid }, i) => decodeBinary(typeOid, row.values[i]!))
    assert.deepEqual(told, ['-12.34', '1 mons 2 days 03:04:05.5', '-01:00:00'])
  })
})

describe('detectors on binary values', () => {
  const scan = async (expression: string): Promise<Buffer | null> => {
    const row = await query(`SELECT ${expression}`, 1)
    const masker = createRowMasker(row.fields, planMasks('unknown', [DETECT]), KEYS)
    return readValues(maskRow(masker, row.body).subarray(5))[0]!
  }

  const GONE = [
    '4111111111111111::int8',
    '4111111111111111::numeric',
    '4111111111111111::float8',
    "'10.1.2.3'::inet",
    "'4111111111111111'::bytea",
    "ROW(1, 'alice@example.com'::text)",
    'ROW(4111111111111111::int8)',
    'ARRAY[ROW(1, 4111111111111111::int8)]',
    'ARRAY[1, 4111111111111111::int8]',
    "to_tsvector('simple', 'alice@example.com')",
    "'alice@example.com'::information_schema.character_data",
  ]
  for (const expression of GONE) {
    test(`${expression} does not get through`, async () => {
      const value = await scan(expression)
      const isText = expression.includes('character_data')
      assert.equal(value?.toString() ?? null, isText ? '[redacted]' : null)
    })
  }

  test('text in arrays and JSON is cut out', async () => {
    const array = await scan("ARRAY['x', NULL, 'alice@example.com']")
    const expected = await query("SELECT ARRAY['x', NULL, '[redacted]']", 1)
    assert.deepEqual(array, expected.values[0])
    assert.equal(
      (await scan(`'{"a": "10.1.2.3"}'::jsonb`))?.toString(),
      '\u0001{"a": "[redacted]"}',
    )
  })

  test('the rest passes', async () => {
    for (const expression of [
      '1::int8',
      'ARRAY[1,2]',
      "ARRAY['a']",
      "ROW(1,'x')",
      "'2024-05-06'::timestamptz",
    ]) {
      assert.deepEqual(await scan(expression), (await query(`SELECT ${expression}`, 1)).values[0])
    }
  })
})

describe('COPY as the server writes it', () => {
  const ROWS = `SELECT * FROM (VALUES
    (1, 'alice@example.com', E'tab\\there \\\\ "quoted"'),
    (2, NULL, ''),
    (3, 'x', E'multi\\nline')) AS t (id, email, note)`

  const copy = async (options: string): Promise<Buffer> => {
    const answers = await talk(message(FRONTEND.Query, `COPY (${ROWS}) TO STDOUT (${options})`))
    const data = answers.filter(({ type }) => type === BACKEND.CopyData)
    return Buffer.concat(data.map(({ body }) => body))
  }

  const stream = (change: Partial<CopyStream>): CopyStream => ({
    direction: 'out',
    format: 'text',
    delimiter: '\t',
    nullText: '\\N',
    header: false,
    quote: '"',
    escape: '"',
    ...change,
  })

  const FORMS: readonly (readonly [string, CopyStream])[] = [
    ['FORMAT text', stream({})],
    ["FORMAT text, DELIMITER '|', NULL 'nil'", stream({ delimiter: '|', nullText: 'nil' })],
    ['FORMAT csv, HEADER', stream({ format: 'csv', delimiter: ',', nullText: '', header: true })],
    [
      "FORMAT csv, QUOTE '''', ESCAPE '\\', FORCE_QUOTE *",
      stream({ format: 'csv', delimiter: ',', nullText: '', quote: "'", escape: '\\' }),
    ],
    ['FORMAT binary', stream({ format: 'binary' })],
  ]

  const columnMask = {
    type: 'columns',
    covers: (path: readonly string[]) => path.at(-1) === 'email',
    with: { name: 'redact' },
    predicates: 'allow',
    policy: 'p',
    rule: 'r',
  } as const

  for (const [options, form] of FORMS) {
    test(`${options}: masked values are what the server would have written`, async () => {
      const outputs = ['id', 'email', 'note'].map((name) => ({
        name,
        sources: [{ column: ['d', 's', 't', name], exact: true }],
      }))
      const masker = createCopyMasker({
        stream: form,
        plan: planMasks(outputs, [columnMask]),
        columnCount: 3,
        typeOids: [23, 25, 25],
        keys: KEYS,
        rowBytesMax: 1000,
      })
      const masked = Buffer.concat([masker.push(await copy(options)), masker.end()])
      const expected = await copyOf(ROWS, options)
      assert.equal(masked.toString('latin1'), expected.toString('latin1'))
      assert.deepEqual(masker.masked(), ['email'])
    })
  }

  async function copyOf(rows: string, options: string): Promise<Buffer> {
    const select = `SELECT id, CASE WHEN email IS NULL THEN NULL ELSE '[redacted]' END AS email, note FROM (${rows}) AS u`
    const answers = await talk(message(FRONTEND.Query, `COPY (${select}) TO STDOUT (${options})`))
    return Buffer.concat(
      answers.filter(({ type }) => type === BACKEND.CopyData).map(({ body }) => body),
    )
  }
})
