import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as check, property, string, uint8Array } from 'fast-check'
import { ChaperoneError } from '../../../core/errors.ts'
import { startupMessage } from './handshake-messages.ts'
import { parseOptions } from './startup-options.ts'
import { readStartup, startupPacketBytes } from './startup.ts'

function startup(parameters: Record<string, string>, version = 0x0003_0000) {
  const packet = startupMessage(parameters)
  packet.writeInt32BE(version, 4)
  return readStartup(packet)
}

function raw(text: string): Buffer {
  const body = Buffer.from(text, 'latin1')
  const packet = Buffer.alloc(8 + body.length)
  packet.writeInt32BE(packet.length, 0)
  packet.writeInt32BE(0x0003_0000, 4)
  body.copy(packet, 8)
  return packet
}

test('what real clients send', () => {
  assert.deepEqual(startup({ user: 'etl', database: 'sales-db/shop', application_name: 'psql' }), {
    user: 'etl',
    database: 'sales-db/shop',
    parameters: { application_name: 'psql' },
  })
  assert.deepEqual(
    startup({
      user: 'etl',
      client_encoding: "'utf-8'",
      DateStyle: 'ISO',
      TimeZone: 'UTC',
      extra_float_digits: '2',
    }).parameters,
    { client_encoding: 'UTF8', datestyle: 'ISO', timezone: 'UTC', extra_float_digits: '2' },
  )
})

test('options are read as the server reads them, and stand-alone settings win', () => {
  const { parameters, resource } = startup({
    user: 'etl',
    options: '-c search_path=a,\\ b --statement-timeout=5s -cchaperone.resource=sales-db',
    search_path: 'c',
  })
  assert.equal(resource, 'sales-db')
  assert.deepEqual(parameters, { search_path: 'c', statement_timeout: '5s' })
})

test('switches of options', () => {
  assert.deepEqual(parseOptions(''), [])
  assert.deepEqual(parseOptions(' \t -c  a=1\n--b-c=x=y -cd=\\\\\\ e '), [
    ['a', '1'],
    ['b_c', 'x=y'],
    ['d', '\\ e'],
  ])
  for (const text of ['-c', '-c a', '--a', '-c =1', '--', '-c\\ a=1 -c']) {
    assert.throws(() => parseOptions(text), { code: 'PROTOCOL_VIOLATION' }, text)
  }
  for (const text of ['-d 5', '-e', 'a=1', '-W 10', '\\', '-B100']) {
    assert.throws(() => parseOptions(text), { code: 'PROTOCOL_UNSUPPORTED' }, text)
  }
})

test('newer minor versions and protocol options are answered, not refused', () => {
  assert.equal(startup({ user: 'a' }).negotiate, undefined)
  assert.deepEqual(startup({ user: 'a' }, 0x0003_0002).negotiate, [])
  assert.deepEqual(startup({ user: 'a', '_pq_.x': '1' }).negotiate, ['_pq_.x'])
})

test('malformed packets', () => {
  const cases: readonly (readonly [Buffer, string])[] = [
    [raw('user\0a\0\0\0'), 'PROTOCOL_VIOLATION'],
    [raw('user\0a\0'), 'PROTOCOL_VIOLATION'],
    [raw('user\0a'), 'PROTOCOL_VIOLATION'],
    [raw('user\0'), 'PROTOCOL_VIOLATION'],
    [raw(''), 'PROTOCOL_VIOLATION'],
    [raw('\0'), 'PROTOCOL_VIOLATION'],
    [raw('user\0\0\0'), 'PROTOCOL_VIOLATION'],
    [raw('database\0a\0\0'), 'PROTOCOL_VIOLATION'],
    [raw('user\0a\0user\0b\0\0'), 'PROTOCOL_VIOLATION'],
    [raw('user\0\xff\xfe\0\0'), 'SQL_ENCODING'],
    [raw('user\0a\0\0trailing\0\0'), 'PROTOCOL_VIOLATION'],
  ]
  for (const [packet, code] of cases) {
    assert.throws(() => readStartup(packet), { code }, JSON.stringify(packet.toString('latin1')))
  }
})

test('what is not served is refused with its own code', () => {
  const refused: readonly (readonly [Record<string, string>, string])[] = [
    [{ replication: 'database' }, 'PROTOCOL_UNSUPPORTED'],
    [{ replication: 'false' }, 'PROTOCOL_UNSUPPORTED'],
    [{ client_encoding: 'LATIN1' }, 'SQL_ENCODING'],
    [{ options: '-c client_encoding=SJIS' }, 'SQL_ENCODING'],
    [{ options: '-c standard_conforming_strings=off' }, 'SQL_ENCODING'],
    [{ role: 'postgres' }, 'PROTOCOL_UNSUPPORTED'],
    [{ Session_Authorization: 'postgres' }, 'PROTOCOL_UNSUPPORTED'],
    [{ options: '-c role=postgres' }, 'PROTOCOL_UNSUPPORTED'],
    [{ options: '-c ROLE=postgres' }, 'PROTOCOL_UNSUPPORTED'],
    [{ options: '--session-replication-role=replica' }, 'PROTOCOL_UNSUPPORTED'],
    [{ options: '-c local_preload_libraries=x' }, 'PROTOCOL_UNSUPPORTED'],
    [{ log_statement: 'none' }, 'PROTOCOL_UNSUPPORTED'],
    [{ __proto__x: 'none' }, 'PROTOCOL_UNSUPPORTED'],
  ]
  for (const [parameters, code] of refused) {
    assert.throws(() => startup({ user: 'a', ...parameters }), { code }, JSON.stringify(parameters))
  }
  assert.throws(() => startup({ user: 'a' }, 0x0002_0000), { code: 'PROTOCOL_UNSUPPORTED' })
})

test('lengths of the first packet', () => {
  const header = (length: number) => {
    const bytes = Buffer.alloc(8)
    bytes.writeUInt32BE(length)
    return bytes
  }
  assert.equal(startupPacketBytes(header(8)), 8)
  assert.equal(startupPacketBytes(header(10_000)), 10_000)
  assert.throws(() => startupPacketBytes(header(7)), { code: 'PROTOCOL_VIOLATION' })
  assert.throws(() => startupPacketBytes(header(10_001)), { code: 'MESSAGE_TOO_LARGE' })
  assert.throws(() => startupPacketBytes(Buffer.from('GET / HT')), { code: 'MESSAGE_TOO_LARGE' })
})

/** Runs what may only return or throw one of ours. */
function onlyCoded(work: () => void): boolean {
  try {
    work()
    return true
  } catch (error) {
    return error instanceof ChaperoneError && error.code !== 'INTERNAL'
  }
}

const RUNS = { numRuns: 300 }

test('whatever the bytes, the outcome is a value or a coded error', () => {
  const bytes = uint8Array({ maxLength: 60 })
  const packets = property(bytes, (body) =>
    onlyCoded(() => readStartup(raw(Buffer.from(body).toString('latin1')))),
  )
  const pairs = property(bytes, (body) =>
    onlyCoded(() => readStartup(raw(`user\0a\0${Buffer.from(body).toString('latin1')}\0\0`))),
  )
  const options = property(string({ maxLength: 40 }), (text) => onlyCoded(() => parseOptions(text)))
  check(packets, RUNS)
  check(pairs, RUNS)
  check(options, RUNS)
})
