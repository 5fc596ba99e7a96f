import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { VaultEmulator } from '../../../emulator/keyvault/server.ts'
import { startVaultEmulator } from '../../../emulator/keyvault/server.ts'
import type { SignedIn } from '../arm/az.ts'
import { azureClis, lacksVaults } from '../arm/az.ts'
import type { CliBench } from '../support/cli-bench.ts'
import { startCliBench } from '../support/cli-bench.ts'

const VAULT = 'Microsoft.KeyVault/vaults'
const POLICY = `
name: vault
subjects: { agents: ['*'] }
rules:
  - id: sign-in
    allow: { actions: ['Microsoft.Resources/subscriptions/read'] }
  - id: names
    allow: { actions: ['${VAULT}/secrets/readMetadata/action', '${VAULT}/keys/read', '${VAULT}/certificates/read'] }
  - id: mine
    allow: { actions: ['${VAULT}/secrets/*'], objects: ['payments/secrets/mine'] }
  - id: masked
    allow: { actions: ['${VAULT}/secrets/*'], objects: ['payments/secrets/masked'] }
    mask: [{ columns: ['payments/secrets/*/value'], with: redact }]
  - id: keys
    allow: { actions: ['${VAULT}/keys/*'], objects: ['payments/keys/invoices'] }
  - id: certificates
    allow: { actions: ['${VAULT}/certificates/*'], objects: ['payments/certificates/web'] }
  - id: no-purge
    deny: { actions: ['${VAULT}/*/purge/action'] }
    message: Nothing is purged.
`
const UPSTREAM = 'upstream-vault-token'

for (const cli of azureClis()) {
  describe(`az keyvault (${cli.name})`, { skip: lacksVaults(cli) }, () => {
    let vault: VaultEmulator
    let bench: CliBench
    let az: SignedIn['az']

    before(async () => {
      bench = await startCliBench(cli, {
        policy: POLICY,
        names: ['payments=azure-keyvault'],
        environment: { CHAPERONE_TEST_CLI_VAULT: UPSTREAM },
        async targets({ tls, trust, undo }) {
          vault = await startVaultEmulator({ tls, token: UPSTREAM })
          undo(() => vault.close())
          return `
  - name: payments
    type: azure-keyvault
    vault: payments
    address: '${new URL(vault.url).host}'
    hosts: [payments.vault.localhost]
    ${trust}
    credential: { from: environment, variable: CHAPERONE_TEST_CLI_VAULT }
`
        },
      })
      az = bench.az
    })
    after(() => bench.stop())

    const kv = (what: string, verb: string, name: string, ...more: readonly string[]) =>
      az('keyvault', what, verb, '--vault-name', 'payments', '--name', name, ...more)
    const list = async (what: string, ...more: readonly string[]) =>
      (await az('keyvault', what, 'list', '--vault-name', 'payments', ...more)) as Listed[]

    test('secrets: set, show, list, versions, attributes, delete and recover', async () => {
      const set = (await kv('secret', 'set', 'mine', '--value', 's3cret-one')) as Shown
      assert.match(
        set.id,
        /^https:\/\/payments\.vault\.localhost:\d+\/secrets\/mine\/[0-9a-f]{32}$/,
      )
      await kv('secret', 'set', 'mine', '--value', 's3cret-two', '--tags', 'a=b')
      const shown = (await kv('secret', 'show', 'mine')) as Shown
      assert.equal(shown.value, 's3cret-two')
      const first = (await az('keyvault', 'secret', 'show', '--id', set.id)) as Shown
      assert.equal(first.value, 's3cret-one')
      assert.deepEqual((await list('secret')).map(nameOf), ['mine'])
      assert.equal(((await kv('secret', 'list-versions', 'mine')) as unknown[]).length, 2)
      await kv('secret', 'set-attributes', 'mine', '--enabled', 'true')
      const file = join(bench.folder, 'secret.txt')
      await kv('secret', 'download', 'mine', '--file', file)
      assert.equal(await readFile(file, 'utf8'), 's3cret-two')
      await kv('secret', 'delete', 'mine')
      await assert.rejects(kv('secret', 'purge', 'mine'), /Nothing is purged/)
      await kv('secret', 'recover', 'mine')
    })

    test('a secret of others is refused by rule, and one is shown masked', async () => {
      await assert.rejects(kv('secret', 'show', 'theirs'), /POLICY_NO_MATCH/)
      const set = (await kv('secret', 'set', 'masked', '--value', 's3cret-three')) as Shown
      assert.equal(set.value, '[redacted]')
      const shown = (await kv('secret', 'show', 'masked')) as Shown
      assert.equal(shown.value, '[redacted]')
    })

    test('keys: create, show, list, encrypt, decrypt, sign and verify', async () => {
      const created = (await kv('key', 'create', 'invoices', '--kty', 'RSA')) as { key: Key }
      const shown = (await kv('key', 'show', 'invoices')) as { key: Key }
      assert.equal(shown.key.kid, created.key.kid)
      assert.deepEqual((await list('key')).map(nameOf), ['invoices'])
      const how = ['--algorithm', 'RSA-OAEP-256', '--data-type', 'plaintext']
      const { result } = (await kv(
        'key',
        'encrypt',
        'invoices',
        ...how,
        '--value',
        'hello',
      )) as Used
      const back = (await kv('key', 'decrypt', 'invoices', ...how, '--value', result)) as Used
      assert.equal(back.result, 'hello')
      const digest = ['--algorithm', 'RS256', '--digest', Buffer.alloc(32, 7).toString('base64')]
      const { signature } = (await kv('key', 'sign', 'invoices', ...digest)) as Used
      const signed = ['--signature', signature]
      const verified = (await kv('key', 'verify', 'invoices', ...digest, ...signed)) as Used
      assert.equal(verified.isValid, true)
      await assert.rejects(kv('key', 'create', 'other', '--kty', 'RSA'), /POLICY_NO_MATCH/)
    })

    test('certificates: create by the default policy, show, list and download', async () => {
      const policy = join(bench.folder, 'policy.json')
      const text = await az('keyvault', 'certificate', 'get-default-policy')
      await writeFile(policy, JSON.stringify(text))
      await kv('certificate', 'create', 'web', '--policy', `@${policy}`)
      const shown = (await kv('certificate', 'show', 'web')) as Shown
      assert.match(shown.id, /\/certificates\/web\//)
      assert.deepEqual((await list('certificate')).map(nameOf), ['web'])
      const file = join(bench.folder, 'web.pem')
      await kv('certificate', 'download', 'web', '--file', file)
      assert.match(await readFile(file, 'utf8'), /BEGIN CERTIFICATE/)
    })

    test('the vault saw the token of the gateway alone, and no value was recorded', async () => {
      const others = vault.requests.filter((one) => one.authorization !== `Bearer ${UPSTREAM}`)
      assert.deepEqual(others, [])
      const said = `${await bench.bench.records()}${bench.bench.log.join('\n')}`
      assert.match(said, /SetSecret/)
      assert.doesNotMatch(said, /s3cret-|upstream-vault-token/)
    })
  })
}

interface Shown {
  readonly id: string
  readonly value: string
}

interface Key {
  readonly kid: string
}

interface Used {
  readonly result: string
  readonly signature: string
  readonly isValid: boolean
}

interface Listed {
  readonly name?: string
  readonly kid?: string
  readonly id?: string
}

function nameOf({ name, kid, id }: Listed): string {
  return name ?? (kid ?? id ?? '').split('/').at(-1)!
}
