import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { AzureNamedKeyCredential, TableClient } from '@azure/data-tables'
import type { ContainerClient } from '@azure/storage-blob'
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { heldRequest } from '../../world/held-request.ts'
import { ACCOUNT, ACCOUNT_KEY } from './azurite.ts'
import type { StorageBench } from './storage-bench.ts'
import { startStorageBench } from './storage-bench.ts'

const STORAGE = 'Microsoft.Storage/storageAccounts'
const RULES = `
  - id: read
    allow: { actions: ['${STORAGE}/blobServices/containers/blobs/read'], objects: ['${ACCOUNT}/**'] }
  - id: ask
    hold: { actions: ['${STORAGE}/*'], objects: ['${ACCOUNT}/**'] }
    approvers: { groups: [{dba}] }
`

describe('an approval of a write to storage is bound to what was there', () => {
  let bench: StorageBench
  /** The agent's, through the gateway, and somebody's who does not use it. */
  let logs: ContainerClient
  let others: ContainerClient
  let orders: TableClient
  let othersOrders: TableClient
  /** Happens when the gateway has sent a write, before the service has it. */
  let meanwhile: (() => Promise<unknown>) | undefined

  before(async () => {
    bench = await startStorageBench({
      rules: RULES,
      async before(method) {
        if (method === 'GET' || method === 'HEAD') return
        const act = meanwhile
        meanwhile = undefined
        await act?.()
      },
    })
    const { azurite, credential, clientOptions } = bench
    logs = new BlobServiceClient(
      bench.endpoint('blob'),
      credential,
      clientOptions,
    ).getContainerClient('logs')
    orders = new TableClient(bench.endpoint('table'), 'Orders', credential, clientOptions)
    const direct = { ...clientOptions, tlsOptions: { ca: azurite.authority } }
    const { blob, table } = azurite.ports
    const at = (port: number) => `https://127.0.0.1:${port}/${ACCOUNT}`
    const key = new StorageSharedKeyCredential(ACCOUNT, ACCOUNT_KEY)
    others = new BlobServiceClient(at(blob), key, direct).getContainerClient('logs')
    const named = new AzureNamedKeyCredential(ACCOUNT, ACCOUNT_KEY)
    othersOrders = new TableClient(at(table), 'Orders', named, direct)
    await others.create()
    await othersOrders.createTable()
  })
  after(() => bench.stop())
  beforeEach(() => {
    meanwhile = undefined
  })

  const stale = { statusCode: 409, message: /APPROVAL_STALE/ }
  const put = (container: ContainerClient, name: string, text: string) =>
    container.getBlockBlobClient(name).upload(text, text.length)
  const textOf = async (name: string) =>
    (await others.getBlobClient(name).downloadToBuffer()).toString()
  const approve = async () => {
    const request = await heldRequest(bench)
    await bench.approver('approvals', 'approve', request.id, '--yes')
    return JSON.stringify(request)
  }
  /** Fails at once where it does not wait for people. */
  const approved = async <T>(write: Promise<T>): Promise<string> =>
    (await Promise.all([approve(), write]))[0]

  test('a blob is written over where it is still the one that people saw', async () => {
    await put(others, 'calm', 'old')
    assert.match(await approved(put(logs, 'calm', 'new')), /It exists now: 3 bytes/)
    assert.equal(await textOf('calm'), 'new')
    assert.match(await approved(put(logs, 'made', 'new')), /It does not exist yet/)
    assert.equal(await textOf('made'), 'new')
    await approved(logs.getBlobClient('made').delete())
    assert.equal(await others.getBlobClient('made').exists(), false)
  })

  test('what changed while people thought is not written', async () => {
    await put(others, 'moving', 'old')
    const answer = assert.rejects(put(logs, 'moving', 'new'), stale)
    const request = await heldRequest(bench)
    await put(others, 'moving', 'other')
    await bench.approver('approvals', 'approve', request.id, '--yes')
    await answer
    assert.equal(await textOf('moving'), 'other')
  })

  test('what changes after the last look is not written either: the service keeps the condition', async () => {
    await put(others, 'raced', 'old')
    meanwhile = () => put(others, 'raced', 'other')
    await approved(assert.rejects(put(logs, 'raced', 'new'), stale))
    assert.equal(await textOf('raced'), 'other')
    meanwhile = () => put(others, 'born', 'theirs')
    await approved(assert.rejects(put(logs, 'born', 'new'), stale))
    assert.equal(await textOf('born'), 'theirs')
    await put(others, 'kept', 'old')
    meanwhile = () => put(others, 'kept', 'other')
    await approved(assert.rejects(logs.getBlobClient('kept').delete(), stale))
    assert.equal(await textOf('kept'), 'other')
  })

  test('an entity too, and people see which of its properties would change', async () => {
    const one = { partitionKey: 'p', rowKey: 'r' }
    await othersOrders.createEntity({ ...one, state: 'open', note: 's3cret-note' })
    const shown = await approved(orders.updateEntity({ ...one, state: 'paid' }, 'Merge'))
    assert.match(shown, /~ state: .*paid/)
    assert.doesNotMatch(shown, /s3cret-note/)
    assert.match(
      await approved(orders.upsertEntity({ ...one, state: 'sent' }, 'Replace')),
      /- note/,
    )
    meanwhile = () => othersOrders.updateEntity({ ...one, state: 'theirs' }, 'Merge')
    await approved(assert.rejects(orders.upsertEntity({ ...one, state: 'lost' }, 'Merge'), stale))
    meanwhile = () => othersOrders.updateEntity({ ...one, state: 'last' }, 'Merge')
    await approved(assert.rejects(orders.deleteEntity('p', 'r'), stale))
    assert.equal((await othersOrders.getEntity('p', 'r'))['state'], 'last')
  })

  test('a condition of its own that speaks of another state is refused before anybody is asked', async () => {
    await put(others, 'mine', 'old')
    const conditions = { ifMatch: '"0x0"' }
    await assert.rejects(logs.getBlockBlobClient('mine').upload('new', 3, { conditions }), stale)
    assert.equal(await textOf('mine'), 'old')
  })
})
