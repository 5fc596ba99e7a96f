import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { headOf } from '../../../../../test/support/azure/storage-head.ts'
import type { MaskRule } from '../../../../core/verdict.ts'
import type { HeaderList } from '../../../http/head.ts'
import { storageApi } from '../exchange/api.ts'
import type { StorageService } from '../requests/call.ts'

const ASKER = { agent: 'a', sessionId: 's' }
const EMAILS: MaskRule = {
  type: 'detect',
  detectors: ['email'],
  with: { name: 'redact' },
  policy: 'p',
  rule: 'r',
}
const EVERYTHING: MaskRule = {
  type: 'columns',
  covers: () => false,
  touches: () => true,
  with: { name: 'redact' },
  predicates: 'allow',
  policy: 'p',
  rule: 'r',
}

/** What becomes of an answer to a request of the blob service that was allowed under these masks. */
function treated(
  line: string,
  answer: { readonly status: number; readonly headers: HeaderList },
  masks: readonly MaskRule[] = [],
  service: StorageService = 'blob',
) {
  const api = storageApi({
    account: 'acme',
    service,
    target: { authority: 'acme.blob.core.windows.net', prefix: '' },
    challenge: { authority: 'https://gateway.example/t', resource: 'https://storage.azure.com' },
    maskKeys: { hashKey: Buffer.alloc(32) },
  })
  const [method = '', target = ''] = line.split(' ')
  const head = headOf(method, target, { 'x-ms-version': '2024-11-04' })
  const reading = api.read(head, undefined, ASKER)
  assert.equal(reading.type, 'request')
  if (reading.type !== 'request') throw new Error('not read')
  const base = { policyVersion: '', reasons: [], keeps: 'shape' } as const
  const obligations = { masks, onMaxRows: 'error' as const }
  const judgement = { verdict: { effect: 'allow' as const, obligations, ...base }, plans: [] }
  const context = { ...ASKER, operationId: 'o', head }
  return api.answer(reading.request, judgement, answer, context)
}

const JSON_HEADERS = [['content-type', 'application/json']] as const
const XML = [['content-type', 'application/xml']] as const

describe('what the target says of itself stays here', () => {
  test('when it does not take the gateway, it is not the agent that is refused', () => {
    for (const answer of [
      { status: 401, headers: [['www-authenticate', 'Bearer authorization_uri=x']] as const },
      { status: 403, headers: [['x-ms-error-code', 'AuthorizationPermissionMismatch']] as const },
      { status: 403, headers: [['x-ms-error-code', 'AuthenticationFailed']] as const },
    ]) {
      const got = treated('GET /logs/a', answer)
      assert.equal(got.type === 'refused' && got.denial.code, 'TARGET_AUTH')
    }
    const other = { status: 403, headers: [['x-ms-error-code', 'CannotVerifyCopySource']] as const }
    assert.equal(treated('GET /logs/a', other).type, 'pass')
  })

  test('cookies and challenges are left out, links lead to the gateway or are left out', () => {
    const headers = [
      ['set-cookie', 'a=b'],
      ['location', 'https://elsewhere.example/'],
      ['x-ms-copy-source', 'https://other.blob.core.windows.net/c/b?sv=1&sig=secret'],
      ['etag', '"1"'],
    ] as const
    const got = treated('HEAD /logs/a', { status: 200, headers })
    assert.deepEqual(got.type === 'pass' && got.headers, [
      ['x-ms-copy-source', 'https://other.blob.core.windows.net/c/b'],
      ['etag', '"1"'],
    ])
    const own = [
      ['x-ms-copy-source', 'https://acme.blob.core.windows.net:443/c/b?snapshot=1'],
    ] as const
    const rewritten = treated('HEAD /logs/a', { status: 200, headers: own })
    assert.deepEqual(rewritten.type === 'pass' && rewritten.headers, [
      ['x-ms-copy-source', 'https://acme.blob.gateway.example/c/b?snapshot=1'],
    ])
  })
})

test('detectors search every header that may hold what somebody wrote', () => {
  const own = [['etag', '"1@2.example"']] as const
  const written = ['x-ms-meta-owner', 'content-disposition', 'cache-control', 'x-ms-or-1', 'x-new']
  const headers = [...own, ...written.map((name) => [name, 'by a@shop.example'] as const)]
  for (const line of ['GET /logs/a.bin', 'HEAD /logs/a.bin']) {
    const got = treated(line, { status: 200, headers }, [EMAILS])
    assert.ok(got.type === 'pass', got.type)
    assert.deepEqual(got.headers, [...own, ...written.map((name) => [name, 'by [redacted]'])])
  }
})

test('of several masks on the text of a message the strictest counts', () => {
  const text = (with_: MaskRule['with']): MaskRule => ({
    ...EVERYTHING,
    type: 'columns',
    covers: (path) => path.at(-1) === 'MessageText',
    with: with_,
  })
  const masks = [text({ name: 'partial', keepStart: 5 }), text({ name: 'redact' })]
  const message = '<QueueMessage><MessageText>secret words</MessageText></QueueMessage>'
  const list = `<?xml version="1.0" encoding="utf-8"?><QueueMessagesList>${message}</QueueMessagesList>`
  for (const order of [masks, masks.toReversed()]) {
    const answer = { status: 200, headers: XML }
    const got = treated('GET /jobs/messages?peekonly=true', answer, order, 'queue')
    assert.ok(got.type === 'transform')
    const shown = Buffer.concat([got.body.write(Buffer.from(list)), got.body.end()]).toString()
    assert.match(shown, /<MessageText>\[redacted\]</)
  }
})

describe('an answer that a mask is due on, and that nobody can read, is refused', () => {
  const cases: readonly [string, string, HeaderList, readonly MaskRule[], StorageService?][] = [
    [
      'the result of a query',
      'POST /logs/a?comp=query',
      [['content-type', 'avro/binary']],
      [EMAILS],
    ],
    [
      'a listing in another form',
      'GET /?comp=list',
      [['content-type', 'application/vnd.apache.arrow.stream']],
      [],
    ],
    ['a compressed listing', 'GET /?comp=list', [...XML, ['content-encoding', 'gzip']], [EMAILS]],
    ['entities in Atom', 'GET /Orders()', [['content-type', 'application/atom+xml']], [], 'table'],
    ['messages in JSON', 'GET /jobs/messages', JSON_HEADERS, [EMAILS], 'queue'],
    [
      'a blob that a mask speaks of',
      'GET /logs/a.bin',
      [['content-type', 'image/png']],
      [EVERYTHING],
    ],
    [
      'compressed JSON',
      'GET /logs/a.json',
      [...JSON_HEADERS, ['content-encoding', 'br']],
      [EVERYTHING],
    ],
  ]
  for (const [what, line, headers, masks, service] of cases) {
    test(what, () => {
      const got = treated(line, { status: 200, headers }, masks, service)
      assert.equal(got.type === 'refused' && got.denial.code, 'MASK_UNPROVABLE')
    })
  }

  test('a part of a text, but not all of it in a part', () => {
    const at = (range: string) =>
      treated(
        'GET /logs/a.txt',
        {
          status: 206,
          headers: [
            ['content-type', 'text/plain'],
            ['content-range', range],
          ],
        },
        [EMAILS],
      )
    assert.equal(at('bytes 0-9/11').type, 'refused')
    assert.equal(at('bytes 1-10/11').type, 'refused')
    assert.equal(at('bytes 0-10/*').type, 'refused')
    assert.equal(at('bytes 0-10/11').type, 'transform')
  })

  test('an error of the target and an unchanged blob pass', () => {
    assert.equal(treated('GET /logs/a', { status: 404, headers: XML }, [EVERYTHING]).type, 'pass')
    assert.equal(treated('GET /logs/a', { status: 304, headers: [] }, [EVERYTHING]).type, 'pass')
  })
})

test('a page of entities whose keys are masked has no next one', () => {
  const keys: MaskRule = { ...EVERYTHING, covers: (path) => path.at(-1) === 'RowKey' }
  const next = [['x-ms-continuation-nextrowkey', 'secret']] as const
  const more = treated(
    'GET /Orders()',
    { status: 200, headers: [...JSON_HEADERS, ...next] },
    [keys],
    'table',
  )
  assert.equal(more.type, 'refused')
  const last = treated('GET /Orders()', { status: 200, headers: JSON_HEADERS }, [keys], 'table')
  assert.equal(last.type, 'transform')
  if (last.type !== 'transform') return
  const text = `{"value":[{"odata.editLink":"Orders(RowKey='s')","PartitionKey":"p","RowKey":"s"}]}`
  const shown = Buffer.concat([last.body.write(Buffer.from(text)), last.body.end()]).toString()
  assert.equal(
    shown,
    '{"value":[{"odata.editLink":"[redacted]","PartitionKey":"p","RowKey":"[redacted]"}]}',
  )
})
