import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { DETECTOR_NAMES, type DetectorName } from '../../core/verdict.ts'
import { createPrefilter } from '../prefilter.ts'
import { detect } from './detectors.ts'
import type { Text } from './text.ts'

const KEY_88 = `${'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq'.padEnd(86, 'K')}==`
const PEM = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQ==\n-----END PRIVATE KEY-----'
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'
const SECRET = `abc8Q~${'x'.repeat(34)}`

/** Text, and what must be found in it. */
type Case = readonly [text: string, ...found: string[]]

/** As the clients' own documents write them: ADO.NET, libpq, ODBC, Service Bus, Cosmos DB, Functions. */
const SERVER_WORDS = [
  'Server',
  'Host',
  'hostname',
  'Data Source',
  'Endpoint',
  'AccountEndpoint',
  'AccountName',
  'Address',
  'Addr',
  'Network Address',
  'UID',
  'User ID',
  'Username',
  'User',
  'Initial Catalog',
  'Database',
  'Authority',
]
const PASSWORD_WORDS = ['Password', 'PWD', 'AccessKey', 'PrimaryKey', 'Client Secret']
const SECRET_WORDS = [
  'AccountKey',
  'SharedAccessKey',
  'SharedAccessSignature',
  'SharedSecretValue',
  'AzureWebJobsStorage',
]

const CASES: Readonly<Record<DetectorName, readonly Case[]>> = {
  'payment-card': [
    ['4111111111111111', '4111111111111111'],
    ['card 4111 1111 1111 1111.', '4111 1111 1111 1111'],
    ['3782-822463-10005', '3782-822463-10005'],
    ['5555555555554444 5555555555554444', '5555555555554444', '5555555555554444'],
    ['4111\u00a01111\u20111111\u20091111', '4111\u00a01111\u20111111\u20091111'],
    ['4111\u22121111\u22121111\u22121111', '4111\u22121111\u22121111\u22121111'],
    ['4111111111111111 123', '4111111111111111'],
    ['0000004111111111111111', '4111111111111111'],
    ['x4111111111111111y', '4111111111111111'],
    ['4222222222222', '4222222222222'],
    ['6759649826438453', '6759649826438453'],
    ['30569309025904', '30569309025904'],
    ['4111111111111111.00', '4111111111111111.00'],
    ['4111111111111112'],
    ['14111111111111111'],
    ['41111111111111110000000'],
    ['9999999999999995'],
    ['1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6'],
  ],
  iban: [
    ['DE89370400440532013000', 'DE89370400440532013000'],
    ['to GB82 WEST 1234 5698 7654 32 today', 'GB82 WEST 1234 5698 7654 32'],
    ['fr1420041010050500013m02606', 'fr1420041010050500013m02606'],
    ['MT84MALT011000012345MTLCAST001S', 'MT84MALT011000012345MTLCAST001S'],
    ['NO9386011117947', 'NO9386011117947'],
    ['DE88370400440532013000'],
    ['DE893704004405320130001'],
    ['XDE89370400440532013000'],
    ['ZZ89370400440532013000'],
    ['DE89 3704  0044 0532 0130 00'],
  ],
  'us-ssn': [
    ['123-45-6789', '123-45-6789'],
    ['his 078 05 1120 was', '078 05 1120'],
    ['SSN: 123456789', '123456789'],
    ['social security number is 123456789', '123456789'],
    ['123456789'],
    ['000-45-6789'],
    ['666-45-6789'],
    ['900-45-6789'],
    ['123-00-6789'],
    ['123-45-0000'],
    ['1234-45-6789'],
    ['123-45-67890'],
  ],
  email: [
    ['alice@example.com', 'alice@example.com'],
    ["<Bob.O'Neil+x@mail.example.co.uk>,", "Bob.O'Neil+x@mail.example.co.uk"],
    ['mail=alice@example.com;', 'alice@example.com'],
    ['{alice@example.com,bob@example.org}', 'alice@example.com', 'bob@example.org'],
    ["'alice@example.com'", 'alice@example.com'],
    ['alice%40example.com', 'alice%40example.com'],
    ['jürgen@münchen.de.', 'jürgen@münchen.de'],
    ['a@b.co@c.de', 'a@b.co', 'b.co@c.de'],
    ['alice@localhost'],
    ['@example.com'],
    ['alice@1.2'],
    ['alice@.com'],
  ],
  phone: [
    ['+14155552671', '+14155552671'],
    ['call +1 (415) 555-2671 now', '+1 (415) 555-2671'],
    ['+44 (0)20 7946 0958', '+44 (0)20 7946 0958'],
    ['0049 30 1234567', '0049 30 1234567'],
    ['(415) 555-2671', '415) 555-2671'],
    ['1-415-555-2671', '1-415-555-2671'],
    ['1\u2212415\u2212555\u22122671', '1\u2212415\u2212555\u22122671'],
    ['7 1-415-555-2671', '1-415-555-2671'],
    ['11-415-555-2671', '415-555-2671'],
    ['2-415-555-2671', '415-555-2671'],
    ['030 1234567-89', '030 1234567-89'],
    ['01 23 45 67 89', '01 23 45 67 89'],
    ['4155552671'],
    ['+123456'],
    ['2024-05-06 07:08:09'],
    ['01-02-2024 12:34'],
    ['0.123456789'],
    ['550e8400-e29b-41d4-a716-446655440000'],
  ],
  'ip-address': [
    ['10.0.0.1:443', '10.0.0.1'],
    ['from 192.168.100.255.', '192.168.100.255'],
    ['10.0.0.1.443', '10.0.0.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['[fe80::1]:80', 'fe80::1'],
    ['data:2001:db8:0:0:0:0:0:1', '2001:db8:0:0:0:0:0:1'],
    ['::1', '::1'],
    ['at 2001:db8::1: gone', '2001:db8::1'],
    ['256.1.1.1'],
    ['1.2.3'],
    ['v1.2.3.4'],
    ['12:34:56'],
    ['std::cafe'],
    ["'x'::bytea"],
    ['00:11:22:33:44:55'],
    ['::'],
  ],
  jwt: [
    [`Bearer ${JWT}`, JWT],
    [`"${JWT}"`, JWT],
    ['eyJhbGciOiJub25lIn0.e30.', 'eyJhbGciOiJub25lIn0.e30.'],
    ['eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9'],
    ['eyJ.a.b'],
  ],
  'azure-key': [
    [KEY_88, KEY_88],
    [`key: ${KEY_88};`, KEY_88],
    [`x ${SECRET} y`, SECRET],
    [`https://a.blob/c?sv=1&sig=${'a'.repeat(43)}%3D&se=2`, `${'a'.repeat(43)}%3D`],
    [`${'a'.repeat(33)}+ASbAAAAAA=`, `${'a'.repeat(33)}+ASbAAAAAA=`],
    [`${'a'.repeat(42)}AzSeAAAAAA`, `${'a'.repeat(42)}AzSeAAAAAA`],
    [`${'A'.repeat(85)}==`],
    ['a'.repeat(64)],
    [`design=${'a'.repeat(50)}`],
  ],
  'azure-connection-string': [
    ['DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0==;X=y', 'c2VjcmV0=='],
    ['Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=abc=', 'abc='],
    ['Server=tcp:x;User ID=u;Password=hunter2;', 'hunter2'],
    ['host=db user=u password=hunter2', 'hunter2'],
    ['Server=x;Pwd="a;b";', '"a;b"'],
    ['postgres://u:hunter2@db/x', 'hunter2'],
    ['password=hunter2'],
    ['https://example.com/a:b@c'],
    ['x=y;server=z'],
    ...SERVER_WORDS.map((word): Case => [`${word}=x;Password=s3cret;A=b`, 's3cret']),
    ...PASSWORD_WORDS.map((word): Case => [`Server=x;${word}=s3cret;A=b`, 's3cret']),
    ...SECRET_WORDS.map((word): Case => [`${word}=s3cret;A=b`, 's3cret']),
  ],
  'private-key': [
    [PEM, PEM],
    [`before\n${PEM}\nafter`, PEM],
    [PEM.replaceAll('PRIVATE', 'RSA PRIVATE'), PEM.replaceAll('PRIVATE', 'RSA PRIVATE')],
    ['-----BEGIN EC PRIVATE KEY-----\nMHcC', '-----BEGIN EC PRIVATE KEY-----\nMHcC'],
    [PEM.replaceAll('PRIVATE KEY', 'CERTIFICATE')],
    ['-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----'],
  ],
}

for (const name of DETECTOR_NAMES) {
  describe(`detector ${name}`, () => {
    for (const [text, ...expected] of CASES[name]) {
      test(JSON.stringify(text).slice(0, 70), () => {
        const found = detect(text, [name]).map((span) => text.slice(span.start, span.end))
        assert.deepEqual(found, expected)
      })
    }
  })
}

describe('the prefilter', () => {
  const texts = DETECTOR_NAMES.flatMap((name) => CASES[name].map((entry) => [name, ...entry]))

  test('lets everything through that a detector finds', () => {
    for (const [name, text] of texts as [DetectorName, string, ...string[]][]) {
      if (detect(text, [name]).length === 0) continue
      const bytes = Buffer.from(text)
      assert.ok(createPrefilter([name])(bytes, 0, bytes.length), text)
    }
  })

  test('agrees with the detectors on anything', () => {
    const parts = fc.constantFrom(
      '1',
      '4111',
      '@',
      'a',
      '.co',
      ':',
      '::',
      '-',
      '+',
      '=',
      ' ',
      '0',
      'é',
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...DETECTOR_NAMES),
        fc.array(parts, { maxLength: 24 }).map((array) => array.join('')),
        (name, text) => {
          const bytes = Buffer.from(text)
          const isLetThrough = createPrefilter([name])(bytes, 0, bytes.length)
          assert.ok(isLetThrough || detect(text, [name]).length === 0)
        },
      ),
      { numRuns: 3000 },
    )
  })

  test('holds back plain words', () => {
    const bytes = Buffer.from('Alice from Wonderland')
    assert.equal(createPrefilter(DETECTOR_NAMES)(bytes, 0, bytes.length), false)
  })
})

describe('cost', () => {
  const SEEDS = [
    '4111 ',
    '4',
    '4111-1111-1111-111',
    '1.',
    '1.1.1.1.',
    ':',
    'a:',
    'a@',
    '@',
    'a',
    'a.',
    '%40a.',
    'DE89',
    'DE89 3704 0044 0532 0130 0 ',
    'eyJ',
    'eyJhbGciOiJSUzI1NiJ9.',
    'sig=',
    'sig=aaaa',
    'abc8Q~',
    '=',
    'password=',
    'password="',
    'AccountKey={',
    'server=a password = ',
    '://',
    '://a:',
    '://a:b@',
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY----------END ',
    '123-45-',
    '+1 ',
    '012 ',
    '012 ) (',
    '\\u0040',
  ]
  const SMALL = 16_384
  const LARGE = 1_048_576

  for (const name of DETECTOR_NAMES) {
    test(`of ${name} grows with the length and no faster`, () => {
      for (const seed of SEEDS) {
        const small = steps(repeat(seed, SMALL), name) / SMALL
        const large = steps(repeat(seed, LARGE), name) / LARGE
        assert.ok(large <= small * 1.1 + 0.1, `${seed}: ${small} then ${large} steps a character`)
        assert.ok(large < 500, `${seed}: ${large} steps a character`)
      }
    })
  }

  function repeat(seed: string, length: number): string {
    return seed.repeat(Math.ceil(length / seed.length)).slice(0, length)
  }

  /** Characters that the detector looked at. */
  function steps(text: string, name: DetectorName): number {
    let count = 0
    const counting: Text = {
      length: text.length,
      charCodeAt(index) {
        count++
        return text.charCodeAt(index)
      },
      indexOf(part, from = 0) {
        const found = text.indexOf(part, from)
        count += (found < 0 ? text.length : found) - from
        return found
      },
      slice(start, end) {
        count += end - start
        return text.slice(start, end)
      },
    }
    detect(counting, [name])
    return count
  }
})
