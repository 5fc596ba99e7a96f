import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent } from 'node:https'
import type { LookupFunction } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ClientAssertionCredential } from '@azure/identity'
import { CertificateClient } from '@azure/keyvault-certificates'
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys'
import { SecretClient } from '@azure/keyvault-secrets'
import type { VaultEmulator } from '../../../emulator/keyvault/server.ts'
import { startVaultEmulator } from '../../../emulator/keyvault/server.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { silentLog } from '../../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../../src/listen/development-authority.ts'
import type { HttpWorld } from '../../world/http.ts'
import { startHttpWorld } from '../../world/http.ts'

const VAULT = 'Microsoft.KeyVault/vaults'
const RULES = `
name: vault
subjects: { agents: ['*'] }
rules:
  - id: names
    allow: { actions: ['${VAULT}/secrets/readMetadata/action', '${VAULT}/keys/read', '${VAULT}/certificates/*'], objects: ['payments/**'] }
  - id: write
    allow: { actions: ['${VAULT}/secrets/setSecret/action', '${VAULT}/secrets/delete', '${VAULT}/secrets/recover/action'], objects: ['payments/secrets/*'] }
  - id: one
    allow: { actions: ['${VAULT}/secrets/getSecret/action'], objects: ['payments/secrets/mine'] }
  - id: attributes
    allow: { actions: ['${VAULT}/secrets/getSecret/action'], objects: ['payments/secrets/masked'] }
    mask: [{ columns: ['payments/secrets/*/value'], with: redact }]
  - id: sign
    allow: { actions: ['${VAULT}/keys/create/action', '${VAULT}/keys/sign/action', '${VAULT}/keys/verify/action', '${VAULT}/keys/encrypt/action'], objects: ['payments/keys/*'] }
`
const UPSTREAM = 'upstream-vault-token'

describe('a key vault with the real SDKs', () => {
  let folder = ''
  let vault: VaultEmulator
  let bench: HttpWorld
  let agent: Agent
  let credential: ClientAssertionCredential
  let url = ''
  let options = {}

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chaperone-vault-'))
    const files = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
    const tls = { cert: await readFile(files.certificateFile), key: await readFile(files.keyFile) }
    vault = await startVaultEmulator({ tls, token: UPSTREAM })
    bench = await startHttpWorld({
      environment: { CHAPERONE_TEST_VAULT_TOKEN: UPSTREAM },
      resources: `
  - name: payments
    type: azure-keyvault
    vault: payments
    address: '${new URL(vault.url).host}'
    hosts: [payments.vault.localhost]
    tls: { ca: '${files.authorityFile}' }
    credential: { from: environment, variable: CHAPERONE_TEST_VAULT_TOKEN }
`,
      policy: RULES,
    })
    url = `https://payments.vault.localhost:${bench.port}`
    // Names below .localhost are this machine, but not every resolver knows.
    agent = new Agent({ keepAlive: true, ca: bench.authority, lookup: toLoopback })
    options = {
      retryOptions: { maxRetries: 0 },
      additionalPolicies: [{ position: 'perCall', policy: throughAgent(agent) }],
    }
    credential = new ClientAssertionCredential(
      bench.entra.tenant,
      bench.clientId,
      () => bench.token(),
      {
        authorityHost: `https://127.0.0.1:${bench.apiPort}`,
        disableInstanceDiscovery: true,
        tlsOptions: { ca: bench.authority },
      },
    )
  })
  after(async () => {
    agent.destroy()
    await bench.stop()
    await vault.close()
    await rm(folder, { recursive: true, force: true })
  })

  const forbidden = { statusCode: 403, code: 'Forbidden' }

  test('the challenge leads to the token service of the gateway, and is believed', async () => {
    const secrets = new SecretClient(url, credential, options)
    const { properties } = await secrets.setSecret('mine', 's3cret-of-mine')
    assert.equal(properties.vaultUrl, url)
    assert.equal((await secrets.getSecret('mine')).value, 's3cret-of-mine')
    assert.ok(vault.requests.length > 0)
    assert.ok(vault.requests.every(({ authorization }) => authorization === `Bearer ${UPSTREAM}`))
  })

  test('a value is refused by rule, or masked, and names may be seen', async () => {
    const secrets = new SecretClient(url, credential, options)
    for (const name of ['masked', 'theirs']) await secrets.setSecret(name, 's3cret-of-theirs')
    await assert.rejects(secrets.getSecret('theirs'), forbidden)
    const { value, properties } = await secrets.getSecret('masked')
    assert.equal(value, '[redacted]')
    const { version } = properties
    assert.equal((await secrets.getSecret('Masked', { version: version! })).value, '[redacted]')
    const names: string[] = []
    for await (const { name } of secrets.listPropertiesOfSecrets()) names.push(name)
    assert.deepEqual(names.sort(), ['masked', 'mine', 'theirs'])
    await assert.rejects(secrets.backupSecret('mine'), forbidden)
  })

  test('a secret that is set does not come back in clear where a rule masks what is read', async () => {
    const secrets = new SecretClient(url, credential, options)
    assert.equal((await secrets.setSecret('theirs', 's3cret-of-theirs')).value, '[redacted]')
  })

  test('lists go on over their pages', async () => {
    const secrets = new SecretClient(url, credential, options)
    for (let i = 0; i < 30; i++) await secrets.setSecret(`page-${i}`, 'x')
    let count = 0
    for await (const { vaultUrl } of secrets.listPropertiesOfSecrets()) {
      assert.equal(vaultUrl, url)
      count++
    }
    assert.ok(count >= 30)
  })

  test('soft deletion, and no purge', async () => {
    const secrets = new SecretClient(url, credential, options)
    await secrets.setSecret('gone', 'x')
    const poller = await secrets.beginDeleteSecret('gone')
    assert.match((await poller.pollUntilDone()).recoveryId!, new RegExp(`^${url}/deletedsecrets/`))
    await assert.rejects(secrets.purgeDeletedSecret('gone'), forbidden)
    await (await secrets.beginRecoverDeletedSecret('gone')).pollUntilDone()
  })

  test('a key is used through the gateway, whose address its id has', async () => {
    const keys = new KeyClient(url, credential, options)
    const key = await keys.createRsaKey('invoices')
    assert.ok(key.id!.startsWith(`${url}/keys/invoices/`))
    const crypto = new CryptographyClient(key.id!, credential, options)
    const { result } = await crypto.signData('RS256', Buffer.from('invoice'))
    const verified = await crypto.verifyData('RS256', Buffer.from('invoice'), result)
    assert.equal(verified.result, true)
    const newest = new CryptographyClient(`${url}/keys/invoices`, credential, options)
    await newest.signData('RS256', Buffer.from('invoice'))
    const secret = await crypto.encrypt('RSA-OAEP-256', Buffer.from('x'))
    await assert.rejects(crypto.decrypt('RSA-OAEP-256', secret.result), forbidden)
    await assert.rejects(keys.beginDeleteKey('invoices'), forbidden)
  })

  test('certificates', async () => {
    const certificates = new CertificateClient(url, credential, options)
    const policy = { issuerName: 'Self', subject: 'CN=example' }
    await (await certificates.beginCreateCertificate('web', policy)).pollUntilDone()
    const { keyId, secretId } = await certificates.getCertificate('web')
    assert.ok(keyId!.startsWith(url) && secretId!.startsWith(url))
  })

  test('no value is ever recorded, nor the token of the gateway', async () => {
    const said = `${await bench.records()}${bench.log.join('\n')}`
    assert.match(said, /GetSecret/)
    assert.doesNotMatch(said, /s3cret-of|upstream-vault-token/)
  })
})

/** What `http.Agent` asks for an address. */
const toLoopback: LookupFunction = (_, { all }, done) => {
  if (all === true) done(null, [{ address: '127.0.0.1', family: 4 }])
  else done(null, '127.0.0.1', 4)
}

function throughAgent(agent: Agent) {
  return {
    name: 'through-agent',
    sendRequest(request: { agent?: unknown }, next: (request: never) => Promise<unknown>) {
      request.agent = agent
      return next(request as never)
    },
  }
}
