import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { headOf } from '../../../../../test/support/azure/storage-head.ts'
import { formatObject } from '../../../../core/object.ts'
import { storageApi } from '../exchange/api.ts'
import { BLOB_ROWS } from './blob-rows.ts'

const api = storageApi({
  account: 'acme',
  service: 'blob',
  target: { authority: 'acme.blob.core.windows.net', prefix: '' },
  challenge: { authority: 'https://gateway.example/t', resource: 'https://storage.azure.com' },
  maskKeys: { hashKey: Buffer.alloc(32) },
})
const ASKER = { agent: 'a', sessionId: 's' }
const VERSION = { 'x-ms-version': '2024-11-04' }

function read(method: string, target: string, headers: Record<string, string> = {}) {
  const head = headOf(method, target, { ...VERSION, ...headers })
  const reading = api.read(head, undefined, ASKER)
  return reading.type === 'body' ? api.read(head, Buffer.from('<Body/>'), ASKER) : reading
}

/** `Kind: action object; …`, with what all actions of blobs have in common cut off. */
function told(method: string, target: string, headers: Record<string, string> = {}): string {
  const reading = read(method, target, headers)
  if (reading.type === 'refused') return `refused ${reading.denial.code}`
  assert.equal(reading.type, 'request')
  const { operation } = reading.request
  const accesses = operation.accesses.map(({ action, object }) => {
    const short = action.replace('Microsoft.Storage/storageAccounts/blobServices/', '')
    return `${short.replace('containers/blobs/', 'blobs/')} ${formatObject(object)}`
  })
  return `${operation.kind}: ${accesses.join('; ')}`
}

const SOURCE = 'https://acme.blob.gateway.example/raw/2026/a.csv'

const CASES: readonly [
  method: string,
  target: string,
  headers: Record<string, string>,
  told: string,
][] = [
  ['GET', '/?comp=list', {}, 'ListContainers: containers/read acme'],
  ['GET', '/?restype=service&comp=properties', {}, 'GetBlobServiceProperties: read acme'],
  ['PUT', '/?restype=service&comp=properties', {}, 'SetBlobServiceProperties: write acme'],
  ['GET', '/?comp=blobs&where=a%3D1', {}, 'FindBlobsByTags: blobs/filter/action acme'],
  ['PUT', '/logs?restype=container', {}, 'CreateContainer: containers/write acme.logs'],
  [
    'PUT',
    '/logs?restype=container',
    { 'x-ms-blob-public-access': 'blob' },
    'CreateContainer: containers/write acme.logs; containers/setAcl/action acme.logs',
  ],
  [
    'PUT',
    '/logs?restype=container&comp=acl',
    {},
    'SetContainerAcl: containers/setAcl/action acme.logs',
  ],
  ['HEAD', '/logs?restype=container', {}, 'GetContainerProperties: containers/read acme.logs'],
  ['DELETE', '/logs?restype=container', {}, 'DeleteContainer: containers/delete acme.logs'],
  ['GET', '/logs?restype=container&comp=list', {}, 'ListBlobs: blobs/read acme.logs'],
  [
    'GET',
    '/logs?restype=container&comp=list&prefix=app/x/unfin&delimiter=%2F',
    {},
    'ListBlobs: blobs/read acme.logs.app.x',
  ],
  [
    'GET',
    '/logs?restype=container&comp=list&include=tags,metadata',
    {},
    'ListBlobs: blobs/read acme.logs; blobs/tags/read acme.logs',
  ],
  ['GET', '/logs/app/x%2Fy.txt', {}, 'GetBlob: blobs/read acme.logs.app.x."y.txt"'],
  ['GET', '/$web/index', {}, 'GetBlob: blobs/read acme."$web".index'],
  [
    'GET',
    '/logs/a?snapshot=2026-01-01T00%3A00%3A00.0000000Z',
    {},
    'GetBlobSnapshot: blobs/read acme.logs.a',
  ],
  [
    'HEAD',
    '/logs/a?versionid=2026-01-01T00:00:00Z',
    {},
    'GetBlobPropertiesVersion: blobs/read acme.logs.a',
  ],
  ['PUT', '/logs/a', { 'x-ms-blob-type': 'BlockBlob' }, 'PutBlob: blobs/write acme.logs.a'],
  [
    'PUT',
    '/logs/a',
    { 'x-ms-blob-type': 'BlockBlob', 'x-ms-tags': 'a=b' },
    'PutBlob: blobs/write acme.logs.a; blobs/tags/write acme.logs.a',
  ],
  ['PUT', '/logs/a?comp=block&blockid=AAAA', {}, 'PutBlock: blobs/write acme.logs.a'],
  ['PUT', '/logs/a?comp=blocklist', {}, 'PutBlockList: blobs/write acme.logs.a'],
  ['PUT', '/logs/a?comp=appendblock', {}, 'AppendBlock: blobs/add/action acme.logs.a'],
  [
    'PUT',
    '/logs/a',
    { 'x-ms-copy-source': SOURCE },
    'CopyBlob: blobs/write acme.logs.a; blobs/read acme.raw."2026"."a.csv"',
  ],
  [
    'PUT',
    '/logs/a?comp=block&blockid=AAAA',
    { 'x-ms-copy-source': SOURCE },
    'PutBlockFromUrl: blobs/write acme.logs.a; blobs/read acme.raw."2026"."a.csv"',
  ],
  [
    'PUT',
    '/logs/a?comp=legalhold',
    { 'x-ms-legal-hold': 'false' },
    'SetLegalHold: blobs/immutableStorage/runAsSuperUser/action acme.logs.a',
  ],
  [
    'DELETE',
    '/logs/a',
    { 'x-ms-delete-snapshots': 'include' },
    'DeleteBlob: blobs/delete acme.logs.a',
  ],
  [
    'DELETE',
    '/logs/a?versionid=2026-01-01T00:00:00Z',
    {},
    'DeleteBlobVersion: blobs/deleteBlobVersion/action acme.logs.a',
  ],
  [
    'DELETE',
    '/logs/a?versionid=2026-01-01T00:00:00Z&deletetype=permanent',
    {},
    'DeleteBlobForever: blobs/permanentDelete/action acme.logs.a',
  ],
  ['POST', '/logs/a?comp=query', {}, 'QueryBlobContents: blobs/read acme.logs.a'],
]

describe('operations of the blob service', () => {
  for (const [method, target, headers, expected] of CASES) {
    test(`${method} ${target} ${Object.keys(headers).join(' ')}`, () => {
      const got = told(method, target, headers)
      assert.equal(got, expected)
    })
  }

  test('every row of the table can be reached, and no row hides another', () => {
    const reached = new Set<string>()
    for (const row of BLOB_ROWS) {
      const path = { account: '/', anywhere: '/', container: '/logs', blob: '/logs/a' }[row.at]
      const query: string[] = []
      if (row.restype !== undefined) query.push(`restype=${row.restype}`)
      if (row.comp !== undefined) query.push(`comp=${row.comp}`)
      const headers: Record<string, string> = {}
      for (const need of row.needs ?? []) {
        if (need.startsWith('x-ms-')) headers[need] = SAMPLE[need] ?? 'x'
        else query.push(`${need}=${SAMPLE[need] ?? 'x'}`)
      }
      for (const method of row.methods) {
        const reading = read(
          method,
          `${path}${query.length === 0 ? '' : '?'}${query.join('&')}`,
          headers,
        )
        assert.equal(reading.type, 'request', `${row.kind} ${method}`)
        if (reading.type === 'request') reached.add(reading.request.operation.kind)
      }
    }
    const missed = BLOB_ROWS.filter(({ kind }) => ![...reached].some((one) => one.startsWith(kind)))
    assert.deepEqual(missed, [])
  })
})

const SAMPLE: Readonly<Record<string, string>> = {
  'x-ms-copy-source': SOURCE,
  'x-ms-blob-type': 'BlockBlob',
  'x-ms-page-write': 'update',
  'x-ms-lease-action': 'acquire',
  'x-ms-copy-action': 'abort',
  'x-ms-deleted-container-name': 'logs',
  'x-ms-deleted-container-version': '1',
  versionid: '2026-01-01T00:00:00Z',
  deletetype: 'permanent',
  copyid: '1',
}

/** Requests that look like something that is known, and are refused whole. */
const REFUSED: readonly [
  what: string,
  method: string,
  target: string,
  headers?: Record<string, string>,
][] = [
  ['an unknown comp', 'GET', '/logs/a?comp=secret'],
  ['comp in capitals', 'GET', '/logs?restype=container&comp=LIST'],
  ['comp twice', 'GET', '/logs?restype=container&comp=list&comp=acl'],
  ['comp twice in other letters', 'GET', '/logs?restype=container&comp=list&Comp=acl'],
  ['an unknown parameter', 'GET', '/logs/a?preview=1'],
  ['a plus in the query', 'GET', '/logs?restype=container&comp=list&prefix=a+b'],
  ['a semicolon in the query', 'GET', '/logs?restype=container&comp=list;comp=acl'],
  ['a container with a capital', 'GET', '/Logs/a'],
  ['an encoded slash in the container', 'GET', '/logs%2Fa?restype=container'],
  ['dots behind an encoded slash', 'GET', '/logs/a%2F..%2F..%2Fsecret%2Fb'],
  ['an empty part behind an encoded slash', 'GET', '/logs/a%2F%2Fb'],
  ['a name that ends with a dot', 'GET', '/logs/a.'],
  ['a backslash', 'GET', '/logs/a%5Cb'],
  ['one name without a type', 'GET', '/logs'],
  ['a directory', 'PUT', '/logs/a?restype=directory'],
  ['a newer header', 'PUT', '/logs/a', { 'x-ms-blob-type': 'BlockBlob', 'x-ms-new-power': '1' }],
  ['a source where none belongs', 'PUT', '/logs/a?comp=metadata', { 'x-ms-copy-source': SOURCE }],
  ['a method override', 'GET', '/logs/a', { 'x-http-method-override': 'DELETE' }],
  ['preflight', 'OPTIONS', '/logs/a'],
  ['a snapshot and a version', 'GET', '/logs/a?snapshot=2026&versionid=2026'],
  [
    'a snapshot of another URL',
    'GET',
    '/logs/a?comp=pagelist',
    { 'x-ms-previous-snapshot-url': SOURCE },
  ],
  ['an unknown include', 'GET', '/logs?restype=container&comp=list&include=everything'],
  ['an unknown kind of blob', 'PUT', '/logs/a', { 'x-ms-blob-type': 'Block' }],
  [
    'another container restored',
    'PUT',
    '/logs?restype=container&comp=undelete',
    { 'x-ms-deleted-container-name': 'secret', 'x-ms-deleted-container-version': '1' },
  ],
  ['no version', 'GET', '/logs/a', { 'x-ms-version': '' }],
  ['a version before tokens', 'GET', '/logs/a', { 'x-ms-version': '2015-02-21' }],
  ['a version that is none', 'GET', '/logs/a', { 'x-ms-version': '2024-11-04, 2009-09-19' }],
]

describe('what is in no row is refused', () => {
  for (const [what, method, target, headers = {}] of REFUSED) {
    test(what, () => assert.equal(told(method, target, headers), 'refused REQUEST_UNSUPPORTED'))
  }
})

/** Signatures, keys and credentials of the agent's own. */
const SIGNED: readonly [
  what: string,
  method: string,
  target: string,
  headers?: Record<string, string>,
][] = [
  ['a signature', 'GET', '/logs/a?sv=2024-11-04&sr=b&sig=x'],
  ['a signature alone', 'GET', '/logs/a?sig=x'],
  ['a signature in capitals', 'GET', '/logs/a?SIG=x'],
  ['an encoded name', 'GET', '/logs/a?%73ig=x'],
  ['a policy of a container', 'GET', '/logs/a?si=read-all'],
  ['overridden headers', 'GET', '/logs/a?rscd=attachment'],
  ['a user delegation key', 'POST', '/?restype=service&comp=userdelegationkey'],
  ['the same in capitals', 'POST', '/?restype=service&comp=UserDelegationKey'],
  ['a key of the customer', 'GET', '/logs/a', { 'x-ms-encryption-key': 'x' }],
  [
    'a key of the source',
    'PUT',
    '/logs/a',
    { 'x-ms-copy-source': SOURCE, 'x-ms-source-encryption-key': 'x' },
  ],
  [
    'a credential for the source',
    'PUT',
    '/logs/a',
    { 'x-ms-copy-source': SOURCE, 'x-ms-copy-source-authorization': 'Bearer x' },
  ],
  ['a second credential', 'GET', '/logs/a', { authorization: 'SharedKey acme:x' }],
  ['a signature in the source', 'PUT', '/logs/a', { 'x-ms-copy-source': `${SOURCE}?sv=1&sig=x` }],
  ['an encoded one', 'PUT', '/logs/a', { 'x-ms-copy-source': `${SOURCE}?s%69g=x` }],
  [
    'one behind a snapshot',
    'PUT',
    '/logs/a',
    { 'x-ms-copy-source': `${SOURCE}?snapshot=2026&SIG=x` },
  ],
]

describe('signatures and keys of the agent are refused', () => {
  for (const [what, method, target, headers = {}] of SIGNED) {
    test(what, () => assert.equal(told(method, target, headers), 'refused REQUEST_SIGNED'))
  }
})

/** Sources that are not plainly a blob of this account. */
const SOURCES: readonly string[] = [
  'https://other.blob.core.windows.net/raw/a',
  'http://acme.blob.gateway.example/raw/a',
  'https://acme.blob.gateway.example@evil.example/raw/a',
  'https://user:secret@acme.blob.gateway.example/raw/a',
  'https://acme.blob.gateway.example:8443/raw/a',
  'https://acme.blob.gateway.example./raw/a',
  'https://acme.blob.gateway.example.evil.example/raw/a',
  'https://169.254.169.254/metadata/identity',
  'https://[::1]/raw/a',
  'https://2130706433/raw/a',
  'https://acme.blob.gateway.example\\@evil.example/raw/a',
  'https://acme.blob.gateway.example/raw/../secret/a',
  'https://acme.blob.gateway.example/raw/%2e%2e/secret/a',
  'https://acme.blob.gateway.example/raw//a',
  'https://acme.blob.gateway.example/raw/a#b',
  'https://acme.blob.gateway.example/raw/a?snapshot=2026&versionid=2026',
  'https://acme.blob.gateway.example/raw/a?comp=list',
  'https://acme.blob.gateway.example/raw/a?snapshot=../x',
  'https://acme.blob.gateway.example/raw',
  'https://acme.blob.gateway.example/RAW/a',
  ' https://acme.blob.gateway.example/raw/a',
  'https://acme.blob.gateway.example/raw/a b',
  'https://ACME.blob.gateway.exämple/raw/a',
  '/acme/raw/a',
  '//acme.blob.gateway.example/raw/a',
  'file:///etc/passwd',
  '',
]

describe('copies read blobs of the same account alone', () => {
  for (const source of SOURCES) {
    test(source, () => {
      const got = told('PUT', '/logs/a', { 'x-ms-copy-source': source })
      assert.equal(got, 'refused REQUEST_UNSUPPORTED')
    })
  }

  test('the source goes on with the name of the target, and with its version', () => {
    for (const written of [
      'https://ACME.blob.gateway.example/raw/x%2Fy%3Fz?versionid=2026-01-01T00%3a00:00Z',
      'https://acme.blob.core.windows.net/raw/x/y%3Fz?versionid=2026-01-01T00:00:00Z',
    ]) {
      const reading = read('PUT', '/logs/a', { 'x-ms-copy-source': written })
      assert.equal(reading.type, 'request')
      if (reading.type !== 'request') continue
      const { deed } = reading.request.note
      assert.deepEqual(deed.set, [
        [
          'x-ms-copy-source',
          'https://acme.blob.core.windows.net/raw/x/y%3Fz?versionid=2026-01-01T00%3A00%3A00Z',
        ],
      ])
      assert.deepEqual(deed.copies, [
        { from: ['acme', 'raw', 'x', 'y?z'], to: ['acme', 'logs', 'a'], whole: true },
      ])
    }
  })
})

test('%3F in a source is a part of the name, and no query begins there', () => {
  const got = told('PUT', '/logs/a', { 'x-ms-copy-source': `${SOURCE}%3Fsig=x` })
  assert.equal(got, 'CopyBlob: blobs/write acme.logs.a; blobs/read acme.raw."2026"."a.csv?sig=x"')
})

test('what decides is told to those who approve: headers, and bodies of settings', () => {
  const text = (...request: Parameters<typeof read>) => {
    const reading = read(...request)
    return reading.type === 'request' ? reading.request.text : reading.type
  }
  const tier = { 'x-ms-access-tier': 'Archive', 'x-ms-meta-a': 'data', 'x-ms-date': 'now' }
  assert.equal(
    text('PUT', '/logs/a?comp=tier', tier),
    'PUT /logs/a?comp=tier\nx-ms-access-tier: Archive',
  )
  assert.equal(
    text('PUT', '/logs?restype=container&comp=acl', { 'x-ms-blob-public-access': 'blob' }),
    'PUT /logs?restype=container&comp=acl\nx-ms-blob-public-access: blob\n<Body/>',
  )
})

test('a body of settings that is no text is refused', () => {
  const head = headOf('PUT', '/logs?restype=container&comp=acl', VERSION)
  const reading = api.read(head, Buffer.from([0xff, 0xfe]), ASKER)
  assert.equal(reading.type === 'refused' && reading.denial.code, 'REQUEST_UNSUPPORTED')
})

test('tags that are copied along are read there, and written here', () => {
  const copy = (headers: Record<string, string>) =>
    told('PUT', '/logs/a', { 'x-ms-copy-source': SOURCE, ...headers })
  const plain = copy({})
  assert.doesNotMatch(plain, /tags/)
  assert.equal(copy({ 'x-ms-copy-source-tag-option': 'REPLACE' }), plain)
  assert.equal(
    copy({ 'x-ms-copy-source-tag-option': 'COPY' }),
    `${plain}; blobs/tags/read acme.raw."2026"."a.csv"; blobs/tags/write acme.logs.a`,
  )
  assert.match(copy({ 'x-ms-copy-source-tag-option': 'copy' }), /^refused /)
  assert.equal(
    copy({ 'x-ms-source-if-tags': "a = 'b'" }),
    `${plain}; blobs/tags/read acme.raw."2026"."a.csv"`,
  )
})
