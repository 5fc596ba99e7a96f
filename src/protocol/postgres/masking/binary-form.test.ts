import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeBinary, encodeBinary } from './binary-form.ts'
import { OID } from './types.ts'

type Name = keyof typeof OID

/** A value of every type in hexadecimal, its text, and texts that none of its values has. */
const VALUES: Readonly<Record<Exclude<Name, 'record'>, readonly [string, string, ...string[]]>> = {
  bool: ['01', 't'],
  bytea: ['00ff', '\\x00ff', '***', 'x00'],
  char: ['61', 'a', 'a', '***'],
  name: ['616e6e', 'ann'],
  int8: ['ffffffffffffffff', '-1'],
  int2: ['fffe', '-2'],
  int4: ['7fffffff', '2147483647'],
  text: ['c3a9', 'é'],
  oid: ['ffffffff', '4294967295'],
  json: ['7b7d', '{}'],
  xml: ['3c612f3e', '<a/>'],
  cidr: ['021801040a000000', '10.0.0.0/24', '10.0.0.0/24', '***'],
  float4: ['3dcccccd', '0.1'],
  float8: ['8000000000000000', '-0'],
  unknown: ['61', 'a'],
  money: ['fffffffffffffffb', '-0.05', '***', '', '1.5', '$1.00'],
  inet: ['02200004c0a80001', '192.168.0.1', '192.168.0.1', '***'],
  bpchar: ['6120', 'a '],
  varchar: ['61', 'a'],
  date: ['00000001', '2000-01-02', '***', '', '2000', '2000-01-02 BCE'],
  time: ['0000000000000001', '00:00:00.000001', '***', '', '12'],
  timestamp: ['0000000000000000', '2000-01-01 00:00:00', '***', '', '2000-01-01'],
  timestamptz: ['0000000000000000', '2000-01-01 00:00:00+00', '***', '', '2000-01-01'],
  timetz: ['000000000000000000000000', '00:00:00+00', '00:00:00+00', '***'],
  interval: ['00000000000000000000000200000000', '2 days', '2 days', '***'],
  numeric: ['000200000000000200011388', '1.50', '***', '', '1e5', '.5', '1.'],
  refcursor: ['61', 'a'],
  cstring: ['61', 'a'],
  uuid: ['00112233445566778899aabbccddeeff', '00112233-4455-6677-8899-aabbccddeeff'],
  jsonb: ['017b7d', '{}'],
  xid8: ['ffffffffffffffff', '18446744073709551615'],
}

for (const [name, [hex, text, ...others]] of Object.entries(VALUES)) {
  const oid = OID[name as Name]
  test(`a binary ${name} is read, written again, and written from no other text`, () => {
    const bytes = Buffer.from(hex, 'hex')
    assert.equal(decodeBinary(oid, bytes), text)
    for (const other of others) assert.equal(encodeBinary(oid, other), undefined, other)
    if (!others.includes(text)) assert.equal(encodeBinary(oid, text)?.toString('hex'), hex)
  })
}

describe('bytes that are no value', () => {
  test('are told where a type has one length', () => {
    for (const [name, [hex]] of Object.entries(VALUES)) {
      const oid = OID[name as Name]
      const isText =
        decodeBinary(OID.text, Buffer.from(hex, 'hex')) ===
        decodeBinary(oid, Buffer.from(hex, 'hex'))
      if (isText && name !== 'char') continue
      if (['bytea', 'jsonb', 'numeric', 'cidr', 'inet'].includes(name)) continue
      for (const wrong of [hex.slice(2), `${hex}00`]) {
        assert.throws(
          () => decodeBinary(oid, Buffer.from(wrong, 'hex')),
          { code: 'TARGET_PROTOCOL' },
          name,
        )
      }
    }
  })

  test('are told where a type has a version or a head', () => {
    for (const [oid, hex] of [
      [OID.jsonb, '027b7d'],
      [OID.jsonb, ''],
      [OID.numeric, '0002'],
      [OID.inet, '02'],
      [OID.cidr, ''],
    ] as const) {
      assert.throws(() => decodeBinary(oid, Buffer.from(hex, 'hex')), { code: 'TARGET_PROTOCOL' })
    }
  })

  test('of a type that is not known are no text at all', () => {
    for (const oid of [OID.record, 0, 600, 16_384]) {
      assert.equal(decodeBinary(oid, Buffer.from('61', 'hex')), undefined)
      assert.equal(encodeBinary(oid, 'a'), undefined)
    }
  })
})
