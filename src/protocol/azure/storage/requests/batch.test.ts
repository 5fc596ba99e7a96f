import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { headOf } from '../../../../../test/support/azure/storage-head.ts'
import type { Judgement } from '../../../../session/governed.ts'
import { storageApi } from '../exchange/api.ts'
import type { StorageOptions } from './options.ts'

const CRLF = '\r\n'
const options = (service: 'blob' | 'table'): StorageOptions => ({
  account: 'acme',
  service,
  target: { authority: `acme.${service}.core.windows.net`, prefix: '' },
  challenge: { authority: 'https://gateway.example/t', resource: 'https://storage.azure.com' },
  maskKeys: { hashKey: Buffer.alloc(32) },
})
const BLOB = storageApi(options('blob'))
const TABLE = storageApi(options('table'))
const ASKER = { agent: 'a', sessionId: 's' }
const VERSION = { 'x-ms-version': '2024-11-04', 'content-type': 'multipart/mixed; boundary=b1' }

/** A batch of requests, each as lines; `{}` in a line stands for nothing. */
function batch(parts: readonly (readonly string[])[]): string {
  const written = parts.map((lines, i) =>
    [
      '--b1',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      `Content-ID: ${i}`,
      '',
      ...lines,
      '',
    ].join(CRLF),
  )
  return `${written.join(CRLF)}${CRLF}--b1--${CRLF}`
}

function read(body: string, target = '/?comp=batch', headers: Record<string, string> = VERSION) {
  return BLOB.read(headOf('POST', target, headers), Buffer.from(body, 'latin1'), ASKER)
}

const TWO = batch([
  ['DELETE /logs/a%2Fb HTTP/1.1', 'Authorization: Bearer agent-token', 'x-ms-date: now'],
  ['PUT /raw/c?comp=tier HTTP/1.1', 'x-ms-access-tier: Cool', 'Content-Length: 0'],
])

test('each request of a batch is judged for itself', () => {
  const reading = read(TWO)
  assert.equal(reading.type, 'request')
  if (reading.type !== 'request') return
  const { operation, text } = reading.request
  assert.equal(operation.kind, 'BlobBatch: DeleteBlob; SetBlobTier')
  assert.equal(operation.facts.statements, 2)
  assert.deepEqual(
    operation.accesses.map(({ object }) => object),
    [
      ['acme', 'logs', 'a', 'b'],
      ['acme', 'raw', 'c'],
    ],
  )
  assert.equal(
    text,
    'POST /?comp=batch\nDELETE /logs/a/b\nPUT /raw/c?comp=tier\nx-ms-access-tier: Cool',
  )
})

test("it goes on with the target's authority in each, and nothing of the agent's", async () => {
  const reading = read(TWO)
  assert.equal(reading.type, 'request')
  if (reading.type !== 'request') return
  const allowed = { effect: 'allow', policyVersion: '', reasons: [], keeps: 'shape' } as const
  const verdict = { ...allowed, obligations: { masks: [], onMaxRows: 'error' as const } }
  const context = { ...ASKER, operationId: 'o', head: headOf('POST', '/?comp=batch', VERSION) }
  const forward = BLOB.prepare(reading.request, { verdict, plans: [] }, context)
  const seen: string[] = []
  const body = await forward.body!(({ method, target, headers }) => {
    seen.push(`${method} ${target} ${headers.map(([name]) => name).join(' ')}`)
    return [['authorization', `signed ${seen.length}`]]
  })
  assert.deepEqual(seen, [
    'DELETE /logs/a/b content-length',
    'PUT /raw/c?comp=tier x-ms-access-tier content-length',
  ])
  const text = body.toString()
  assert.match(text, /authorization: signed 1[^]*authorization: signed 2/)
  assert.doesNotMatch(text, /agent-token|x-ms-date/)
  const boundary = forward.set?.find(([name]) => name === 'content-type')?.[1]
  assert.equal(
    text.startsWith(`--${boundary?.replace('multipart/mixed; boundary=', '')}${CRLF}`),
    true,
  )
  const again = read(text, '/?comp=batch', { ...VERSION, 'content-type': boundary ?? '' })
  assert.equal(again.type, 'refused', 'a signature of the target inside is not taken either')
})

const DELETE = 'DELETE /logs/a HTTP/1.1'

/** Batches in which two readers could find different requests, or one that does not belong. */
const REFUSED: readonly [what: string, body: string, code?: string][] = [
  ['a preamble', `DELETE /x/y HTTP/1.1${CRLF}${TWO}`],
  ['an epilogue', `${TWO}--b1${CRLF}`],
  ['no end', TWO.replace('--b1--', '--b1')],
  ['bare line feeds', TWO.replaceAll(CRLF, '\n')],
  ['one bare line feed', TWO.replace(`HTTP/1.1${CRLF}`, 'HTTP/1.1\n')],
  ['a folded header', batch([[DELETE, 'x-ms-lease-id: a', ' b']])],
  ['a blank before the colon', batch([[DELETE, 'x-ms-lease-id : a']])],
  ['a second request in a part', batch([[DELETE, '', 'DELETE /secret/a HTTP/1.1']])],
  ['a body', batch([[DELETE, 'Content-Length: 3', '', 'abc']])],
  ['a wrong length', batch([[DELETE, 'Content-Length: 30']])],
  ['chunks', batch([[DELETE, 'Transfer-Encoding: chunked', '', '0', '', '']])],
  ['another host', batch([['DELETE https://evil.example/logs/a HTTP/1.1']])],
  ['plain http', batch([['DELETE http://acme.blob.gateway.example/logs/a HTTP/1.1']])],
  ['an authority in the path', batch([['DELETE //evil.example/logs/a HTTP/1.1']])],
  ['dots', batch([['DELETE /logs/%2e%2e/secret/a HTTP/1.1']])],
  ['HTTP/1.0', batch([['DELETE /logs/a HTTP/1.0']])],
  ['a small method', batch([['delete /logs/a HTTP/1.1']])],
  ['a method override', batch([[DELETE, 'X-HTTP-Method: GET']])],
  ['reading', batch([['GET /logs/a HTTP/1.1']])],
  ['a batch in a batch', batch([['POST /?comp=batch HTTP/1.1']])],
  ['a container', batch([['DELETE /logs?restype=container HTTP/1.1']])],
  ['a header that is not known', batch([[DELETE, 'x-ms-new: 1']])],
  ['a signature in a URL', batch([['DELETE /logs/a?sv=1&sig=x HTTP/1.1']]), 'REQUEST_SIGNED'],
  ['a SharedKey signature', batch([[DELETE, 'Authorization: SharedKey acme:x']]), 'REQUEST_SIGNED'],
  ['another kind of part', TWO.replace('application/http', 'text/plain')],
  ['no part', `--b1--${CRLF}`],
  ['nothing', ''],
  ['257 requests', batch(Array.from({ length: 257 }, () => [DELETE]))],
]

describe('a batch that cannot be taken apart, or holds what does not belong, is refused whole', () => {
  for (const [what, body, code = 'REQUEST_UNSUPPORTED'] of REFUSED) {
    test(what, () => {
      const reading = read(body)
      assert.equal(reading.type === 'refused' && reading.denial.code, code)
    })
  }

  for (const type of [
    'multipart/mixed',
    'multipart/mixed; boundary=b1; boundary=b2',
    'multipart/related; boundary=b1',
    'multipart/mixed; boundary="b1',
    'multipart/mixed; boundary=b1, text/plain',
  ]) {
    test(type, () => {
      const reading = read(TWO, '/?comp=batch', { ...VERSION, 'content-type': type })
      assert.equal(reading.type === 'refused' && reading.denial.code, 'REQUEST_UNSUPPORTED')
    })
  }

  test("a container's batch with another container", () => {
    const reading = read(TWO, '/logs?restype=container&comp=batch')
    assert.equal(reading.type === 'refused' && reading.denial.code, 'REQUEST_UNSUPPORTED')
  })
})

describe('with path-style addresses', () => {
  const at = (lines: readonly string[], target: string) => {
    const head = headOf('POST', target, VERSION, '/acme')
    const reading = BLOB.read(head, Buffer.from(batch([lines])), ASKER)
    if (reading.type !== 'request') return reading.type
    return reading.request.operation.accesses.map(({ object }) => object.join('/'))
  }

  test('the account may stand in the paths, or not', () => {
    const container = '/logs?restype=container&comp=batch'
    assert.deepEqual(at(['DELETE /acme/logs/a HTTP/1.1'], container), ['acme/logs/a'])
    assert.deepEqual(at(['DELETE /logs/a? HTTP/1.1'], container), ['acme/logs/a'])
    assert.deepEqual(at(['DELETE /acme/logs/a HTTP/1.1'], '/?comp=batch'), ['acme/logs/a'])
  })

  test('a container of that name is told apart by the address, or refused', () => {
    const container = '/acme?restype=container&comp=batch'
    assert.deepEqual(at(['DELETE /acme/a HTTP/1.1'], container), ['acme/acme/a'])
    assert.equal(at(['DELETE /acme/acme/a HTTP/1.1'], container), 'refused')
  })
})

function changeSet(parts: readonly (readonly string[])[]): string {
  const inner = batch(parts).replaceAll('--b1', '--c1')
  return ['--b1', 'Content-Type: multipart/mixed; boundary=c1', '', `${inner}--b1--`, ''].join(CRLF)
}

const HOST = 'https://acme.table.gateway.example'

function readTable(parts: readonly (readonly string[])[]) {
  const head = { ...headOf('POST', '/$batch', VERSION), authority: 'acme.table.gateway.example' }
  return TABLE.read(head, Buffer.from(changeSet(parts)), ASKER)
}

describe('entity group transactions', () => {
  const insert = [`POST ${HOST}/Orders HTTP/1.1`, 'Content-Type: application/json', '', '{"a":1}']
  const remove = [`DELETE ${HOST}/Orders(PartitionKey='p',RowKey='r') HTTP/1.1`, 'If-Match: *']

  test('are judged request by request', () => {
    const reading = readTable([insert, remove])
    assert.equal(reading.type, 'request')
    if (reading.type !== 'request') return
    assert.deepEqual(
      reading.request.operation.accesses.map(({ action, object }) => [
        action.split('/').slice(4).join('/'),
        object,
      ]),
      [
        ['entities/add/action', ['acme', 'orders']],
        ['entities/delete', ['acme', 'orders']],
      ],
    )
  })

  test('bring nothing of entities back where a mask may be on them, whatever the agent prefers', async () => {
    const mask = { type: 'detect', detectors: ['email'], with: { name: 'redact' } } as const
    const masks = [{ ...mask, policy: 'p', rule: 'r' }]
    const preferences = (text: string) => text.match(/^prefer: .*$/gim) ?? []
    for (const prefer of [[], ['Prefer: return-content'], ['PREFER: return-no-content']]) {
      const [line = '', ...rest] = insert
      const reading = readTable([[line, ...prefer, ...rest], remove])
      assert.ok(reading.type === 'request')
      const context = { ...ASKER, operationId: 'o', head: headOf('POST', '/$batch', VERSION) }
      const sent = async (obligations: object) => {
        const verdict = { effect: 'allow', policyVersion: '', reasons: [], keeps: 'shape' }
        const judgement = {
          verdict: { ...verdict, obligations: { masks: [], onMaxRows: 'error', ...obligations } },
          plans: [],
        } as unknown as Judgement
        const { body } = TABLE.prepare(reading.request, judgement, context)
        return preferences(String(await body!(() => [])))
      }
      const none = ['prefer: return-no-content', 'prefer: return-no-content']
      assert.deepEqual(await sent({ masks }), none)
      assert.deepEqual(await sent({ wordDetects: masks }), none, 'the mask of another rule')
      assert.deepEqual(await sent({ wordMasks: masks }), none)
      assert.equal((await sent({})).length, prefer.length)
    }
  })

  for (const [what, lines] of [
    ['another host', ['POST https://evil.example/Orders HTTP/1.1', '', '{}']],
    ['reading', [`GET ${HOST}/Orders() HTTP/1.1`]],
    ['tables', [`POST ${HOST}/Tables HTTP/1.1`, '', '{"TableName":"abc"}']],
    ['a batch', [`POST ${HOST}/$batch HTTP/1.1`]],
    ['a method override', [`POST ${HOST}/Orders HTTP/1.1`, 'X-HTTP-Method: MERGE', '', '{}']],
  ] as const) {
    test(`with ${what} are refused`, () => {
      const reading = readTable([insert, lines])
      assert.equal(reading.type === 'refused' && reading.denial.code, 'REQUEST_UNSUPPORTED')
    })
  }
})
