import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { decodeJwt } from 'jose'
import { createAuthority, issueServerCertificate } from '../../src/listen/certificates.ts'
import { startEntraEmulator } from './server.ts'

const HOUR_MS = 3_600_000
const API_CLIENT = 'c0ffee00-0000-4000-8000-000000000001'

async function tokenByAzureIdentity(environment: Record<string, string>): Promise<string> {
  const program = fileURLToPath(import.meta.resolve('./azure-client.ts'))
  const env = { PATH: process.env['PATH'] ?? '', NODE_NO_WARNINGS: '1', ...environment }
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env })
  return stdout
}

test('the real ClientSecretCredential gets a token over https', async (context) => {
  const validity = { from_ms: Date.now() - HOUR_MS, to_ms: Date.now() + HOUR_MS }
  const authority = await createAuthority('test', validity)
  const server = await issueServerCertificate(authority, ['127.0.0.1', 'localhost'], validity)
  const tls = { key: server.key, cert: server.certificate }
  const entra = await startEntraEmulator({ tls })
  context.after(() => entra.close())
  entra.addApi({ uri: 'api://gateway', clientId: API_CLIENT, version: 2 })
  const app = entra.addApp({ name: 'etl', secret: 'a-secret', roles: ['Chaperone.Etl'] })
  const folder = mkdtempSync(join(tmpdir(), 'chaperone-ca-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const caFile = join(folder, 'ca.pem')
  writeFileSync(caFile, authority.certificate)

  const token = await tokenByAzureIdentity({
    NODE_EXTRA_CA_CERTS: caFile,
    AUTHORITY: entra.url,
    TENANT: entra.tenant,
    CLIENT_ID: app.clientId,
    CLIENT_SECRET: 'a-secret',
    SCOPE: 'api://gateway/.default',
  })

  const claims = decodeJwt(token)
  assert.equal(claims.aud, API_CLIENT)
  assert.equal(claims['oid'], app.objectId)
  assert.deepEqual(claims['roles'], ['Chaperone.Etl'])
})

test('the real ManagedIdentityCredential gets a token, as on App Service', async (context) => {
  const entra = await startEntraEmulator()
  context.after(() => entra.close())
  const app = entra.addApp({ name: 'function' })
  entra.setManagedIdentity(app)

  const token = await tokenByAzureIdentity({
    IDENTITY_ENDPOINT: entra.managedIdentity.endpoint,
    IDENTITY_HEADER: entra.managedIdentity.header,
    SCOPE: 'https://vault.azure.net/.default',
  })

  const claims = decodeJwt(token)
  assert.equal(claims.aud, 'https://vault.azure.net')
  assert.equal(claims['ver'], '1.0')
  assert.equal(claims['oid'], app.objectId)
})

test('the real ManagedIdentityCredential gets a token, as on a virtual machine', async (context) => {
  const entra = await startEntraEmulator()
  context.after(() => entra.close())
  const app = entra.addApp({ name: 'machine' })
  entra.setManagedIdentity(app)

  const token = await tokenByAzureIdentity({
    AZURE_POD_IDENTITY_AUTHORITY_HOST: entra.url,
    SCOPE: 'https://management.azure.com/.default',
  })

  assert.equal(decodeJwt(token)['oid'], app.objectId)
})
