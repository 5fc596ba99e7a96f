import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { BlobServiceClient } from '@azure/storage-blob'
import { QueueServiceClient } from '@azure/storage-queue'
import type { SignedIn } from '../arm/az.ts'
import { azureClis } from '../arm/az.ts'
import type { CliBench, TargetParts } from '../support/cli-bench.ts'
import { startCliBench } from '../support/cli-bench.ts'
import { ACCOUNT, ACCOUNT_KEY, startAzurite } from './azurite.ts'

const POLICY = `
name: data
subjects: { agents: ['*'] }
rules:
  - id: sign-in
    allow: { actions: ['Microsoft.Resources/subscriptions/read'] }
  - id: logs
    allow: { actions: ['Microsoft.Storage/storageAccounts/*'], objects: ['${ACCOUNT}/logs/**', '${ACCOUNT}/jobs', '${ACCOUNT}/orders'] }
  - id: no-deletes
    deny: { actions: ['*/blobs/delete'], objects: ['${ACCOUNT}/logs/kept/**'] }
    message: Kept for the auditors.
`

interface Named {
  readonly name: string
}

for (const cli of azureClis()) {
  describe(`az storage (${cli.name})`, () => {
    let started: CliBench
    let az: SignedIn['az']
    let folder = ''
    let door = ''

    before(async () => {
      started = await startCliBench(cli, {
        policy: POLICY,
        names: ['acme=azure-storage'],
        environment: { CHAPERONE_TEST_CLI_KEY: ACCOUNT_KEY },
        targets: startStorage,
      })
      ;({ az, folder, door } = started)
      const { bench } = started
      const options = { tlsOptions: { ca: bench.authority }, retryOptions: { maxTries: 1 } }
      const blobs = new BlobServiceClient(`${door}/acme/blob`, bench.credential, options)
      await blobs.getContainerClient('logs').create()
      const queues = new QueueServiceClient(`${door}/acme/queue`, bench.credential, options)
      await queues.getQueueClient('jobs').create()
    })
    after(() => started.stop())

    const ACME = ['--account-name', 'acme', '--auth-mode', 'login']

    test('blobs by the name of the host, and by a path', async () => {
      const file = join(folder, 'a.txt')
      await writeFile(file, 'hello from az')
      for (const name of ['2026/a b.txt', 'kept/a']) {
        const blob = ['--container-name', 'logs', '--name', name, '--file', file]
        await az('storage', 'blob', 'upload', ...blob, ...ACME)
      }
      const endpoint = ['--blob-endpoint', `${door}/acme/blob`, '--auth-mode', 'login']
      const listed = (await az('storage', 'blob', 'list', '-c', 'logs', ...endpoint)) as Named[]
      assert.deepEqual(
        listed.map(({ name }) => name),
        ['2026/a b.txt', 'kept/a'],
      )
    })

    test('a refusal is told', async () => {
      const kept = ['--container-name', 'logs', '--name', 'kept/a', ...ACME]
      await assert.rejects(az('storage', 'blob', 'delete', ...kept), /Kept for the auditors/)
    })

    test('messages', async () => {
      const queue = ['--queue-name', 'jobs', ...ACME]
      await az('storage', 'message', 'put', '--content', 'one', ...queue)
      const peeked = (await az('storage', 'message', 'peek', ...queue)) as { content: string }[]
      assert.deepEqual(
        peeked.map(({ content }) => content),
        ['one'],
      )
    })
  })
}

async function startStorage({ folder, undo }: TargetParts): Promise<string> {
  const azurite = await startAzurite()
  undo(() => azurite.stop())
  const authority = join(folder, 'azurite.pem')
  await writeFile(authority, azurite.authority)
  const at = (port: number) => `{ address: '127.0.0.1:${port}/${ACCOUNT}' }`
  const { blob, queue, table } = azurite.ports
  return `
  - name: acme
    type: azure-storage
    account: ${ACCOUNT}
    services: { blob: ${at(blob)}, queue: ${at(queue)}, table: ${at(table)} }
    tls: { ca: '${authority}' }
    credential: { kind: shared-key, from: environment, variable: CHAPERONE_TEST_CLI_KEY }
`
}
