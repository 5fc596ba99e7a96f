import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { headOf } from '../../../../../test/support/azure/storage-head.ts'
import { formatObject } from '../../../../core/object.ts'
import { storageApi } from '../exchange/api.ts'
import type { StorageService } from './call.ts'
import { filterProperties, formatAddress, selectedProperties, tableAddress } from './odata.ts'
import { targetOf } from './operation.ts'

const VERSION = { 'x-ms-version': '2019-02-02' }
const ASKER = { agent: 'a', sessionId: 's' }

function told(
  service: StorageService,
  method: string,
  target: string,
  headers: Record<string, string> = {},
  body?: string,
): string {
  const api = storageApi({
    account: 'acme',
    service,
    target: { authority: `acme.${service}.core.windows.net`, prefix: '' },
    challenge: { authority: 'https://gateway.example/t', resource: 'https://storage.azure.com' },
    maskKeys: { hashKey: Buffer.alloc(32) },
  })
  const bytes = body === undefined ? undefined : Buffer.from(body)
  const reading = api.read(headOf(method, target, { ...VERSION, ...headers }), bytes, ASKER)
  if (reading.type === 'refused') return `refused ${reading.denial.code}`
  if (reading.type === 'body' && method === 'PUT') return told(service, method, target, headers, '')
  if (reading.type === 'body') return `body of ${reading.bytesMax}`
  assert.equal(reading.type, 'request')
  const { operation } = reading.request
  const accesses = operation.accesses.map(({ action, object, parts }) => {
    const short = action.replace(/^Microsoft\.Storage\/storageAccounts\/\w+Services\//, '')
    const shown = parts === undefined ? '' : ` (${parts === 'all' ? 'all' : parts.join(', ')})`
    return `${short} ${formatObject(object)}${shown}`
  })
  // All masks of the agent count for what a change tells.
  const isRead = operation.facts.readOnly
  assert.deepEqual(operation.compares, isRead ? undefined : operation.predicates)
  const predicates = operation.predicates.map((path) => path.at(-1))
  const where = predicates.length === 0 ? '' : ` by ${predicates.join(', ')}`
  return `${operation.kind}: ${accesses.join('; ')}${where}`
}

const JSON_TYPE = { 'content-type': 'application/json;odata=nometadata' }
const ENTITY = "/Orders(PartitionKey='p',RowKey='it''s')"
const KEYS = 'by PartitionKey, RowKey'

const TABLES: readonly [string, string, Record<string, string>, string][] = [
  ['GET', '/Tables', {}, 'QueryTables: tables/read acme'],
  ['DELETE', "/Tables('Orders')", {}, 'DeleteTable: tables/delete acme.orders'],
  ['GET', '/Orders()', {}, 'QueryEntities: tables/entities/read acme.orders (all)'],
  [
    'GET',
    "/Orders()?$filter=Email%20eq%20'a''b'%20and%20not%20(n%20gt%205L)&$select=Name,n",
    {},
    'QueryEntities: tables/entities/read acme.orders (Name, n) by Email, n',
  ],
  [
    'GET',
    '/Orders?NextPartitionKey=x&NextRowKey=y',
    {},
    `QueryEntities: tables/entities/read acme.orders (all) ${KEYS}`,
  ],
  ['GET', ENTITY, {}, `GetEntity: tables/entities/read acme.orders (all) ${KEYS}`],
  ['POST', '/Orders', {}, `InsertEntity: tables/entities/add/action acme.orders ${KEYS}`],
  [
    'PUT',
    ENTITY,
    {},
    `InsertOrReplaceEntity: tables/entities/add/action acme.orders; tables/entities/update/action acme.orders ${KEYS}`,
  ],
  [
    'MERGE',
    ENTITY,
    { 'if-match': '*' },
    `MergeEntity: tables/entities/update/action acme.orders ${KEYS}`,
  ],
  ['DELETE', ENTITY, {}, `DeleteEntity: tables/entities/delete acme.orders ${KEYS}`],
  ['PUT', '/Orders?comp=acl', {}, 'SetTableAcl: tables/setAcl/action acme.orders'],
  ['GET', '/?restype=service&comp=stats', {}, 'GetTableServiceStats: read acme'],
]

describe('operations of the table service', () => {
  for (const [method, target, headers, expected] of TABLES) {
    test(`${method} ${target}`, () =>
      assert.equal(told('table', method, target, headers), expected))
  }

  test('a table is created by the name in the body, which is read', () => {
    assert.equal(told('table', 'POST', '/Tables', JSON_TYPE), 'body of 1024')
    const got = told('table', 'POST', '/Tables', JSON_TYPE, '{ "TableName": "Orders" }')
    assert.equal(got, 'CreateTable: tables/write acme.orders')
  })

  for (const body of [
    '{"TableName":"a1b","TableName":"secret"}',
    '{"TableName":"a1b","tablename":"secret"}',
    '{"TableName":"\\u0073ecret"}',
    '{"TableName":"tables"}',
    '[{"TableName":"a1b"}]',
    '<entry/>',
    '',
  ]) {
    test(`and by nothing else: ${body}`, () => {
      assert.equal(told('table', 'POST', '/Tables', JSON_TYPE, body), 'refused REQUEST_UNSUPPORTED')
    })
  }

  test('nor in another form', () => {
    const type = { 'content-type': 'application/atom+xml' }
    const got = told('table', 'POST', '/Tables', type, '{"TableName":"Orders"}')
    assert.equal(got, 'refused REQUEST_UNSUPPORTED')
  })

  for (const [method, target, headers = {}] of [
    ['GET', '/$metadata'],
    ['GET', '/tables'],
    ['GET', "/Tables('a')/Orders"],
    ['GET', "/Orders(PartitionKey='a')"],
    ['GET', "/Orders(PartitionKey='a',RowKey='b',X='c')"],
    ['GET', "/Orders(PartitionKey='a',RowKey='b')/Email"],
    ['GET', "/Orders(PartitionKey='a'),RowKey='b')"],
    ['GET', "/Orders(PartitionKey='a',RowKey='b%2Fc')"],
    ['GET', '/Orders()/$count'],
    ['GET', '/Orders()?$expand=x'],
    ['GET', '/Orders()?$filter=substringof(Email)'],
    ['GET', "/Orders()?$filter=Email/x%20eq%20'a'"],
    ['GET', "/Orders()?$filter=Email%20eq%20'a"],
    ['GET', '/Orders()?$select=Email,*)'],
    ['GET', '/Orders()?$filter=a%20eq%201&$Filter=b%20eq%201'],
    ['POST', ENTITY, { 'x-http-method': 'MERGE' }],
    ['HEAD', ENTITY],
    ['POST', '/$batch?comp=x'],
  ] as readonly [string, string, Record<string, string>?][]) {
    test(`refused: ${method} ${target}`, () => {
      assert.equal(told('table', method, target, headers), 'refused REQUEST_UNSUPPORTED')
    })
  }
})

const QUEUES: readonly [string, string, string][] = [
  ['GET', '/?comp=list&include=metadata', 'ListQueues: queues/read acme'],
  ['PUT', '/jobs', 'CreateQueue: queues/write acme.jobs'],
  [
    'POST',
    '/jobs/messages?visibilitytimeout=0',
    'PutMessage: queues/messages/add/action acme.jobs',
  ],
  ['GET', '/jobs/messages', 'GetMessages: queues/messages/process/action acme.jobs'],
  ['GET', '/jobs/messages?peekonly=true', 'PeekMessages: queues/messages/read acme.jobs'],
  ['DELETE', '/jobs/messages', 'ClearMessages: queues/messages/delete acme.jobs'],
  [
    'PUT',
    '/jobs/messages/0-1-2-abcd?popreceipt=x',
    'UpdateMessage: queues/messages/write acme.jobs',
  ],
  [
    'DELETE',
    '/jobs/messages/0-1-2-abcd?popreceipt=x',
    'DeleteMessage: queues/messages/delete acme.jobs',
  ],
  ['GET', '/jobs/messages?peekonly=false', 'refused REQUEST_UNSUPPORTED'],
  ['GET', '/jobs/messages?peekonly=true&peekonly=false', 'refused REQUEST_UNSUPPORTED'],
  ['DELETE', '/jobs/messages/0-1-2-abcd', 'refused REQUEST_UNSUPPORTED'],
  ['GET', '/Jobs/messages', 'refused REQUEST_UNSUPPORTED'],
  ['GET', '/jobs/message', 'refused REQUEST_UNSUPPORTED'],
  ['POST', '/?restype=service&comp=userdelegationkey', 'refused REQUEST_SIGNED'],
]

describe('operations of the queue service', () => {
  for (const [method, target, expected] of QUEUES) {
    test(`${method} ${target}`, () => assert.equal(told('queue', method, target), expected))
  }
})

test('a filter tells its properties, and nothing that stands in texts', () => {
  assert.deepEqual(filterProperties("A eq 'B eq C' and guid'x' ne D or E lt datetime'2026'"), [
    'A',
    'D',
    'E',
  ])
  assert.deepEqual(filterProperties('a ge -1.5 and (not b)'), ['a', 'b'])
  for (const odd of ["a eq 'x", 'f(a)', 'a/b eq 1', 'a eq 1;b', 'a eq "x"', "a'b'", 'ä eq 1']) {
    assert.equal(filterProperties(odd), undefined, odd)
  }
})

test('a selection that is not understood is none', () => {
  assert.deepEqual(selectedProperties('a, b'), ['a', 'b'])
  assert.equal(selectedProperties('a,*'), 'all')
  assert.equal(selectedProperties('a/b'), undefined)
})

test('an address goes on as it was read', () => {
  for (const [segment, written] of [
    [
      "Orders(PartitionKey='a''b',RowKey='ü %')",
      "/Orders(PartitionKey='a%27%27b',RowKey='%C3%BC%20%25')",
    ],
    ["Orders(RowKey='r',PartitionKey='p')", "/Orders(PartitionKey='p',RowKey='r')"],
    ['Orders', '/Orders()'],
    ["Tables('Orders')", "/Tables('Orders')"],
  ] as const) {
    assert.equal(formatAddress(tableAddress([segment])!), written)
  }
})

test('a table’s path goes on in one form, whichever it came in, and no other service has that form', () => {
  const target = (service: 'table' | 'blob', ...segments: string[]) =>
    targetOf({ method: 'GET', segments, query: new Map(), headers: new Map() }, { service })
  for (const [segment, written] of [
    ['people', '/people()'],
    ['people()', '/people()'],
    ["Tables('people')", "/Tables('people')"],
    ["people(PartitionKey='a',RowKey='b')", "/people(PartitionKey='a',RowKey='b')"],
    ["people(RowKey='b', PartitionKey='a')", "/people(PartitionKey='a',RowKey='b')"],
    ["people(PartitionKey='a/b',RowKey='')", "/people(PartitionKey='a%2Fb',RowKey='')"],
  ] as const) {
    assert.equal(target('table', segment), written)
  }
  assert.equal(target('table'), '/')
  assert.equal(target('blob'), '/')
  assert.notEqual(target('blob', 'people'), '/people()')
})
