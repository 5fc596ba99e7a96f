import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import type { MaskRule } from '../../../core/verdict.ts'
import { planMasks } from '../../../mask/plan.ts'
import type { CopyStream } from '../../../sql/classification.ts'
import { createCopyMasker, type CopyMasker } from './copy-rows.ts'

const KEYS = { hashKey: Buffer.alloc(32, 7) }
const ROW_BYTES_MAX = 4096

const COLUMN: MaskRule = {
  type: 'columns',
  covers: (path) => path.at(-1) === 'secret',
  with: { name: 'partial', keepEnd: 1 },
  predicates: 'allow',
  policy: 'p',
  rule: 'r',
}

const TEXT: CopyStream = {
  direction: 'out',
  format: 'text',
  delimiter: '\t',
  nullText: '\\N',
  header: false,
  quote: '"',
  escape: '"',
}
const CSV: CopyStream = { ...TEXT, format: 'csv', delimiter: ',', nullText: '' }
const BINARY: CopyStream = { ...TEXT, format: 'binary' }

function masker(stream: CopyStream, columnCount = 2, rules = [COLUMN]): CopyMasker {
  const outputs = ['id', 'secret', 'note']
    .slice(0, 2)
    .map((name) => ({ name, sources: [{ column: ['t', name], exact: true }] }))
  return createCopyMasker({
    stream,
    plan: planMasks(outputs, rules),
    columnCount,
    typeOids: [25, 25],
    keys: KEYS,
    rowBytesMax: ROW_BYTES_MAX,
  })
}

function run(one: CopyMasker, ...chunks: (Buffer | string)[]): Buffer {
  const out = chunks.map((chunk) => one.push(Buffer.from(chunk)))
  return Buffer.concat([...out, one.end()])
}

type Value = string | null

function writeText(rows: readonly (readonly Value[])[]): Buffer {
  const escapes: Readonly<Record<string, string>> = {
    '\n': '\\n',
    '\t': '\\t',
    '\\': '\\\\',
    '\r': '\\r',
  }
  const field = (value: Value) => value?.replaceAll(/[\n\t\\\r]/g, (c) => escapes[c]!) ?? '\\N'
  return Buffer.from(rows.map((row) => `${row.map(field).join('\t')}\n`).join(''))
}

/** Every value quoted, as FORCE_QUOTE has it: what was quoted stays so. */
function writeCsv(rows: readonly (readonly Value[])[]): Buffer {
  const field = (value: Value) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)
  return Buffer.from(rows.map((row) => `${row.map(field).join(',')}\n`).join(''))
}

function writeBinary(rows: readonly (readonly Value[])[]): Buffer {
  const parts = [Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')]
  for (const row of rows) {
    parts.push(Buffer.from([0, row.length]))
    for (const value of row) {
      const length = Buffer.alloc(4)
      length.writeInt32BE(value === null ? -1 : Buffer.byteLength(value))
      parts.push(length, Buffer.from(value ?? ''))
    }
  }
  return Buffer.concat([...parts, Buffer.from([255, 255])])
}

const FORMS = [
  ['text', TEXT, writeText],
  ['csv', CSV, writeCsv],
  ['binary', BINARY, writeBinary],
] as const

const values = fc.option(
  fc.string({ unit: fc.constantFrom('a', 'b', '"', '\\', ',', '\t', '\n', '\r', 'é', '😀') }),
)
const tables = fc.array(fc.tuple(values, values), { maxLength: 5 })

/** What the masker of `secret` makes of a value. */
function expectedOf(value: Value): Value {
  if (value === null) return null
  const points = Array.from(value)
  return points.length < 2 ? '****' : `****${points.at(-1)}`
}

for (const [name, stream, write] of FORMS) {
  describe(`COPY ${name}`, () => {
    test('gives the masked table, however the stream is split', () => {
      fc.assert(
        fc.property(tables, fc.array(fc.nat(60), { maxLength: 12 }), (rows, sizes) => {
          const bytes = write(rows)
          const chunks: Buffer[] = []
          let at = 0
          for (const size of sizes) {
            chunks.push(bytes.subarray(at, at + size))
            at = Math.min(at + size, bytes.length)
          }
          chunks.push(bytes.subarray(at))
          const one = masker(stream)
          const masked = run(one, ...chunks)
          const expected = rows.map(([id, secret]) => [id, expectedOf(secret)])
          assert.equal(masked.toString('latin1'), write(expected).toString('latin1'))
          assert.equal(one.rows, rows.length)
        }),
        { numRuns: 500 },
      )
    })

    test('is the same byte by byte', () => {
      const bytes = write([
        ['1', 'a"b\\\n,\té'],
        [null, null],
        ['', ''],
      ])
      const whole = run(masker(stream), bytes)
      const bytewise = run(masker(stream), ...[...bytes].map((byte) => Buffer.from([byte])))
      assert.deepEqual(bytewise, whole)
    })

    test('a row with another number of columns ends it', () => {
      for (const row of [['1'], ['1', '2', '3']]) {
        assert.throws(() => run(masker(stream), write([row])), { code: 'TARGET_PROTOCOL' })
      }
    })

    test('a row that is cut ends it', () => {
      const bytes = write([['1', 'secret']])
      const one = masker(stream)
      one.push(bytes.subarray(0, bytes.length - 1))
      assert.throws(() => one.end(), { code: 'TARGET_PROTOCOL' })
    })

    test('a row over the bound is refused, whole or in parts', () => {
      const bytes = write([['1', 'x'.repeat(ROW_BYTES_MAX)]])
      assert.throws(() => run(masker(stream), bytes), { code: 'MESSAGE_TOO_LARGE' })
      const parts = [bytes.subarray(0, 3000), bytes.subarray(3000)]
      assert.throws(() => run(masker(stream), ...parts), { code: 'MESSAGE_TOO_LARGE' })
      const many = write(Array.from({ length: 10 }, () => ['1', 'x'.repeat(1000)]))
      assert.doesNotThrow(() => run(masker(stream), many))
    })

    test('another number of columns than planned masks them all', () => {
      const bytes = write([['a', 'b', 'c']])
      const masked = run(masker(stream, 3), bytes).toString('latin1')
      assert.doesNotMatch(masked.replace(/^PGCOPY/, ''), /[abc](?=[\t,\n\xff])/)
    })
  })
}

describe('COPY text', () => {
  test('refuses the end mark and a dangling escape', () => {
    for (const bytes of ['\\.\n', '1\tx\\\n']) {
      assert.throws(() => run(masker(TEXT), bytes), { code: 'TARGET_PROTOCOL' })
    }
  })

  test('reads every escape that a reader may read', () => {
    assert.equal(run(masker(TEXT), '1\t\\141\\x62\\c\\n\\t\n').toString(), '1\t****\\t\n')
  })

  test('passes the header line', () => {
    assert.equal(
      run(masker({ ...TEXT, header: true }), 'id\tsecret\n1\tsecret\n').toString(),
      'id\tsecret\n1\t****t\n',
    )
  })
})

describe('COPY csv', () => {
  test('quotes what needs it and leaves alone what does not', () => {
    const rows = '1,secret\n2,"""x"\n,\n4,xx\n"a,b",\n'
    assert.equal(run(masker(CSV), rows).toString(), '1,****t\n2,"****x"\n,\n4,****x\n"a,b",\n')
    const delimited = masker({ ...CSV, delimiter: '*' })
    assert.equal(run(delimited, '1*secret\n').toString(), '1*"****t"\n')
    const asNull = masker({ ...CSV, nullText: '****t' })
    assert.equal(run(asNull, '1,secret\n2,****t\n').toString(), '1,"****t"\n2,****t\n')
  })

  test('refuses quotes where the server writes none', () => {
    for (const bytes of ['1,a"b\n', '1,"a"b\n', '"1,2\n']) {
      assert.throws(() => run(masker(CSV), bytes), { code: 'TARGET_PROTOCOL' })
    }
  })

  test('passes the header line', () => {
    const one = masker({ ...CSV, header: true })
    assert.equal(run(one, 'id,secret\n1,secret\n').toString(), 'id,secret\n1,****t\n')
  })
})

describe('COPY binary', () => {
  const bytes = writeBinary([['1', 'secret']])

  test('sends the header together with the first row', () => {
    const one = masker(BINARY)
    assert.equal(one.push(bytes.subarray(0, 19)).length, 0)
    const first = one.push(bytes.subarray(19, -2))
    assert.deepEqual(first.subarray(0, 19), bytes.subarray(0, 19))
    assert.deepEqual(one.push(bytes.subarray(-2)), bytes.subarray(-2))
  })

  test('refuses another signature, flags, extensions and what follows the end', () => {
    const flags = Buffer.from(bytes)
    flags[12] = 1
    const extension = Buffer.from(bytes)
    extension[18] = 4
    const signature = Buffer.from(bytes)
    signature[0] = 0x51
    for (const bad of [flags, extension, signature, Buffer.concat([bytes, Buffer.from([0])])]) {
      assert.throws(() => run(masker(BINARY), bad), { code: 'TARGET_PROTOCOL' })
    }
  })
})

test('nothing to mask is told', () => {
  const none = { ...COLUMN, covers: () => false }
  assert.ok(masker(TEXT, 2, [none]).isPass)
  assert.equal(masker(TEXT).isPass, false)
})
