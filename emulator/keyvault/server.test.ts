import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { CertificateClient } from '@azure/keyvault-certificates'
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys'
import { SecretClient } from '@azure/keyvault-secrets'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../src/listen/development-authority.ts'
import type { VaultEmulator } from './server.ts'
import { startVaultEmulator } from './server.ts'

const TOKEN = 'the-only-token'

describe('the emulator of a key vault, with the real SDKs', () => {
  let folder = ''
  let vault: VaultEmulator
  let options = {}
  const credential = {
    getToken: () => Promise.resolve({ token: TOKEN, expiresOnTimestamp: 4_000_000_000_000 }),
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chaperone-vault-'))
    const files = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
    const [cert, key, ca] = await Promise.all(
      [files.certificateFile, files.keyFile, files.authorityFile].map((one) =>
        readFile(one, 'utf8'),
      ),
    )
    vault = await startVaultEmulator({ tls: { cert: cert!, key: key! }, token: TOKEN })
    options = {
      disableChallengeResourceVerification: true,
      tlsOptions: { ca },
      retryOptions: { maxRetries: 0 },
    }
  })

  after(async () => {
    await vault.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('asks for a token first, and gets no body without one', async () => {
    const secrets = new SecretClient(vault.url, credential, options)
    await secrets.setSecret('first', 'one')
    assert.equal(vault.requests[0]?.authorization, undefined)
    assert.equal(vault.requests[1]?.authorization, `Bearer ${TOKEN}`)
  })

  test('refuses every other token', async () => {
    const wrong = { getToken: () => Promise.resolve({ token: 'x', expiresOnTimestamp: 4e12 }) }
    const secrets = new SecretClient(vault.url, wrong, options)
    await assert.rejects(secrets.getSecret('first'), { statusCode: 401 })
  })

  test('keeps versions of secrets, and pages lists', async () => {
    const secrets = new SecretClient(vault.url, credential, options)
    const old = await secrets.setSecret('versioned', 'one')
    await secrets.setSecret('Versioned', 'two')
    assert.equal((await secrets.getSecret('versioned')).value, 'two')
    const { version } = old.properties
    assert.equal((await secrets.getSecret('versioned', { version: version! })).value, 'one')
    for (let i = 0; i < 30; i++) await secrets.setSecret(`many-${i}`, 'x')
    const names: string[] = []
    for await (const { name } of secrets.listPropertiesOfSecrets()) names.push(name)
    assert.equal(new Set(names).size, names.length)
    assert.ok(names.length > 30)
  })

  test('deletes softly, recovers, purges, and restores a backup', async () => {
    const secrets = new SecretClient(vault.url, credential, options)
    await secrets.setSecret('gone', 'x')
    const backup = await secrets.backupSecret('gone')
    await (await secrets.beginDeleteSecret('gone')).pollUntilDone()
    await assert.rejects(secrets.getSecret('gone'), { code: 'SecretNotFound' })
    assert.equal((await secrets.getDeletedSecret('gone')).value, undefined)
    await (await secrets.beginRecoverDeletedSecret('gone')).pollUntilDone()
    await (await secrets.beginDeleteSecret('gone')).pollUntilDone()
    await secrets.purgeDeletedSecret('gone')
    await secrets.restoreSecretBackup(backup!)
    assert.equal((await secrets.getSecret('gone')).value, 'x')
  })

  test('a disabled secret is not shown', async () => {
    const secrets = new SecretClient(vault.url, credential, options)
    const { properties } = await secrets.setSecret('off', 'x')
    await secrets.updateSecretProperties('off', properties.version!, { enabled: false })
    await assert.rejects(secrets.getSecret('off'), { statusCode: 403 })
  })

  test('keys encrypt, wrap and sign, and never leave', async () => {
    const keys = new KeyClient(vault.url, credential, options)
    const key = await keys.createRsaKey('rsa')
    assert.equal(key.key?.d, undefined)
    const crypto = new CryptographyClient(key.id!, credential, options)
    const { result } = await crypto.encrypt('RSA-OAEP-256', Buffer.from('hello'))
    assert.equal(
      Buffer.from((await crypto.decrypt('RSA-OAEP-256', result)).result).toString(),
      'hello',
    )
    const signature = await crypto.signData('RS256', Buffer.from('hello'))
    const right = await crypto.verifyData('RS256', Buffer.from('hello'), signature.result)
    const wrong = await crypto.verifyData('RS256', Buffer.from('hallo'), signature.result)
    assert.deepEqual([right.result, wrong.result], [true, false])
    assert.notEqual((await keys.rotateKey('rsa')).id, key.id)
  })

  test('certificates are made at once', async () => {
    const certificates = new CertificateClient(vault.url, credential, options)
    const policy = { issuerName: 'Self', subject: 'CN=example' }
    const poller = await certificates.beginCreateCertificate('web', policy)
    const certificate = await poller.pollUntilDone()
    assert.ok(certificate.cer!.length > 100)
    assert.equal((await certificates.getCertificatePolicy('web')).issuerName, 'Self')
  })
})
