import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { headOf } from '../../../test/support/azure/storage-head.ts'
import type { HttpApi } from '../http/api.ts'
import { parseTarget } from '../http/target/path.ts'
import { vaultApi } from './keyvault/api.ts'
import { storageApi } from './storage/exchange/api.ts'

const ASKER = { agent: 'a', sessionId: 's' }
const challenge = { authority: 'https://gateway.example/t', resource: 'https://storage.azure.com' }
const maskKeys = { hashKey: Buffer.alloc(32) }
const storage = (service: 'blob' | 'queue' | 'table') =>
  storageApi({
    account: 'acme',
    service,
    target: { authority: `acme.${service}.core.windows.net`, prefix: '' },
    challenge,
    maskKeys,
  })
const APIS: Readonly<Record<string, HttpApi<never>>> = {
  blob: storage('blob') as HttpApi<never>,
  queue: storage('queue') as HttpApi<never>,
  table: storage('table') as HttpApi<never>,
  vault: vaultApi({
    vault: 'kv',
    target: 'kv.vault.azure.net',
    challenge,
    maskKeys,
  }) as HttpApi<never>,
}

/** What the request does, and how it goes on; undefined where the core or the API refuses it. */
function readOf(api: HttpApi<never>, method: string, target: string) {
  let parsed: ReturnType<typeof parseTarget>
  try {
    parsed = parseTarget(target, api.path)
  } catch {
    return undefined
  }
  const headers = { 'x-ms-version': '2024-11-04', 'x-ms-blob-type': 'BlockBlob' }
  const head = {
    ...headOf(method, '/', method === 'PUT' ? headers : { 'x-ms-version': '2024-11-04' }),
    ...parsed,
  }
  const reading = api.read(head, undefined, ASKER)
  if (reading.type !== 'request') return undefined
  const base = { policyVersion: '', reasons: [], keeps: 'shape' } as const
  const obligations = { masks: [], onMaxRows: 'error' as const }
  const judgement = { verdict: { effect: 'allow' as const, obligations, ...base }, plans: [] }
  const context = { ...ASKER, operationId: 'o', head }
  const forward = api.prepare(reading.request, judgement, context)
  const { kind, accesses, predicates } = reading.request.operation
  return { does: { kind, accesses, predicates }, target: forward.target ?? '' }
}

/** Pieces that readers of paths differ about, and names that mean something. */
const PIECES = [
  'logs',
  'a',
  'B',
  '$root',
  '$web',
  'Tables',
  '$batch',
  'messages',
  'secrets',
  'keys',
  'restore',
  '/',
  '//',
  '.',
  '..',
  '%2F',
  '%2f',
  '%2e',
  '%25',
  '%5C',
  '%00',
  '%20',
  '+',
  ';',
  ':',
  '@',
  '~',
  "(PartitionKey='p',RowKey='r')",
  "('Orders')",
  '()',
  "'",
  "''",
  '%27',
  '(',
  ')',
  ',',
  '=',
  '%3D',
  'é',
  '%C3%A9',
  '%EF%BC%8F',
  '0123456789abcdef0123456789abcdef',
  '?',
  '#',
]
const PARAMETERS = [
  'comp=list',
  'comp=block',
  'comp=acl',
  'restype=container',
  'restype=service',
  'comp=tags',
  'prefix=a%2Fb',
  'prefix=a/b',
  'blockid=QUE%3D',
  'snapshot=2026',
  "$filter=a%20eq%20'b'",
  '$select=a',
  'api-version=7.6',
  'peekonly=true',
  'Comp=list',
  'sig=x',
  'a',
  '=',
  '',
  'timeout=5',
  'NextRowKey=x',
]

/** Where paths begin, so that some of them are something. */
const STEMS: Readonly<Record<string, readonly string[]>> = {
  blob: ['/', '/logs', '/logs/a', '/logs/a%2Fb', '/$root/a'],
  queue: ['/', '/jobs', '/jobs/messages', '/jobs/messages/0-1-2-abcd'],
  table: ['/', '/Tables', '/Orders', '/Orders()', "/Orders(PartitionKey='p',RowKey='r')"],
  vault: ['/secrets', '/secrets/a', '/keys/a//sign', '/certificates/a/pending', '/deletedkeys/a'],
}

function pathOf(name: string): fc.Arbitrary<string> {
  const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 4 })
  return fc
    .tuple(fc.constantFrom(...STEMS[name]!), pieces)
    .map(([stem, more]) => stem + more.join(''))
}

function queryOf(name: string): fc.Arbitrary<string> {
  const base = name === 'vault' ? ['api-version=7.6'] : []
  const more = fc.array(fc.constantFrom(...PARAMETERS), { maxLength: 2 })
  return more.map((all) => [...base, ...all].join('&'))
}

const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'MERGE')

describe('what goes on is what was judged', () => {
  for (const [name, api] of Object.entries(APIS)) {
    test(`${name}: the target reads out of it the very same thing`, () => {
      let read = 0
      fc.assert(
        fc.property(method, pathOf(name), queryOf(name), (verb, written, parameters) => {
          const target = parameters === '' ? written : `${written}?${parameters}`
          const first = readOf(api, verb, target)
          if (first === undefined) return
          read++
          const again = readOf(api, verb, first.target)
          assert.deepEqual(again, first)
          assert.doesNotMatch(
            first.target.split('?')[0]!,
            /\/\/|\/\.{1,2}(?:\/|$)|%2f|%5c|[^\x21-\x7e]/i,
          )
        }),
        { numRuns: RUNS, seed: Number(process.env['FUZZ_SEED'] ?? 1) },
      )
      assert.ok(read > RUNS / 100, `${read} of ${RUNS} were read at all`)
    })
  }
})

const RUNS = 20_000
