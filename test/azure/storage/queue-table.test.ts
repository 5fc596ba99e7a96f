import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { TableClient, TransactionAction } from '@azure/data-tables'
import { odata, TableClient as Table, TableServiceClient } from '@azure/data-tables'
import type { QueueClient } from '@azure/storage-queue'
import { QueueServiceClient } from '@azure/storage-queue'
import { ACCOUNT } from './azurite.ts'
import type { StorageBench } from './storage-bench.ts'
import { startStorageBench } from './storage-bench.ts'

const RULES = `
  - id: jobs
    allow: { actions: ['Microsoft.Storage/storageAccounts/queueServices/queues/*'], objects: ['${ACCOUNT}/jobs'] }
  - id: orders
    allow: { actions: ['Microsoft.Storage/storageAccounts/tableServices/tables/*'], objects: ['${ACCOUNT}/orders'] }
  - id: names
    allow:
      actions:
        - Microsoft.Storage/storageAccounts/queueServices/queues/read
        - Microsoft.Storage/storageAccounts/tableServices/tables/read
      objects: ['${ACCOUNT}']
  - id: peek
    allow: { actions: [Microsoft.Storage/storageAccounts/queueServices/queues/messages/read], objects: ['${ACCOUNT}/watched'] }
`

describe('queues and tables with the real SDKs', () => {
  let bench: StorageBench
  let queues: QueueServiceClient
  let jobs: QueueClient
  let tables: TableServiceClient
  let orders: TableClient

  before(async () => {
    bench = await startStorageBench({ rules: RULES })
    const { credential, clientOptions } = bench
    queues = new QueueServiceClient(bench.endpoint('queue'), credential, clientOptions)
    jobs = queues.getQueueClient('jobs')
    await jobs.create()
    tables = new TableServiceClient(bench.endpoint('table'), credential, clientOptions)
    orders = new Table(bench.endpoint('table'), 'Orders', credential, clientOptions)
    await tables.createTable('Orders')
  })
  after(() => bench.stop())

  test('messages go in, are looked at, taken, changed and deleted', async () => {
    await jobs.sendMessage('one <two> & three')
    assert.deepEqual(
      (await jobs.peekMessages()).peekedMessageItems.map(({ messageText }) => messageText),
      ['one <two> & three'],
    )
    const [message] = (await jobs.receiveMessages()).receivedMessageItems
    const changed = await jobs.updateMessage(message!.messageId, message!.popReceipt, 'four', 0)
    await jobs.deleteMessage(message!.messageId, changed.popReceipt!)
    await jobs.sendMessage('x')
    await jobs.clearMessages()
    assert.equal((await jobs.getProperties()).approximateMessagesCount, 0)
  })

  test('who may look may not take', async () => {
    const watched = queues.getQueueClient('watched')
    await assert.rejects(watched.receiveMessages(), { code: 'InsufficientAccountPermissions' })
    await assert.rejects(watched.peekMessages(), { code: 'QueueNotFound' })
    await assert.rejects(watched.create(), { code: 'InsufficientAccountPermissions' })
  })

  test('queues are listed', async () => {
    const names: string[] = []
    for await (const { name } of queues.listQueues()) names.push(name)
    assert.deepEqual(names, ['jobs'])
  })

  test('entities with everything in their keys', async () => {
    const keys = { partitionKey: "it's", rowKey: 'ü +&=1' }
    await orders.createEntity({ ...keys, total: 7, note: 'a' })
    const found = await orders.getEntity(keys.partitionKey, keys.rowKey)
    assert.equal(found['total'], 7)
    await orders.updateEntity({ ...keys, total: 8 }, 'Merge')
    await orders.upsertEntity({ ...keys, total: 9 }, 'Replace')
    const filter = odata`PartitionKey eq ${keys.partitionKey} and total ge ${9}`
    const listed: unknown[] = []
    const queryOptions = { filter, select: ['total', 'note'] }
    for await (const { total } of orders.listEntities({ queryOptions })) listed.push(total)
    assert.deepEqual(listed, [9])
    await orders.deleteEntity(keys.partitionKey, keys.rowKey)
    await assert.rejects(orders.getEntity(keys.partitionKey, keys.rowKey), { statusCode: 404 })
  })

  test('pages follow each other', async () => {
    for (let i = 0; i < 5; i++) {
      await orders.createEntity({ partitionKey: 'paged', rowKey: `r${i}` })
    }
    const queryOptions = { filter: odata`PartitionKey eq 'paged'` }
    const sizes: number[] = []
    for await (const page of orders.listEntities({ queryOptions }).byPage({ maxPageSize: 2 })) {
      sizes.push(page.length)
    }
    assert.deepEqual(
      sizes.filter((size) => size > 0),
      [2, 2, 1],
    )
  })

  test('a transaction is taken apart and put together again', async () => {
    const actions: TransactionAction[] = [
      ['create', { partitionKey: 't', rowKey: 'a', text: "it's\r\n--changeset" }],
      ['upsert', { partitionKey: 't', rowKey: 'b', n: 1 }, 'Merge'],
    ]
    const { subResponses } = await orders.submitTransaction(actions)
    assert.deepEqual(
      subResponses.map(({ status }) => status),
      [204, 204],
    )
    assert.equal((await orders.getEntity('t', 'a'))['text'], "it's\r\n--changeset")
    await assert.rejects(orders.submitTransaction([actions[0]!]), { statusCode: 409 })
  })

  test('another table is refused, as JSON that the SDK understands', async () => {
    const { credential, clientOptions } = bench
    const other = new Table(bench.endpoint('table'), 'Secret', credential, clientOptions)
    await assert.rejects(other.getEntity('a', 'b'), (error: Error) => {
      assert.match(error.message, /InsufficientAccountPermissions/)
      assert.match(error.message, /POLICY_NO_MATCH/)
      return true
    })
    await assert.rejects(tables.createTable('Secret'), { statusCode: 403 })
  })
})
