import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync } from 'node:crypto'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { createRemoteJWKSet, jwtVerify, SignJWT } from 'jose'
import type { EntraEmulator } from './server.ts'
import { startEntraEmulator } from './server.ts'

async function start(context: TestContext): Promise<EntraEmulator> {
  const entra = await startEntraEmulator()
  context.after(() => entra.close())
  return entra
}

interface Answer {
  readonly status: number
  readonly body: Record<string, string>
}

async function post(url: string, form: Record<string, string>): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

function tokenUrl(entra: EntraEmulator): string {
  return `${entra.url}/${entra.tenant}/oauth2/v2.0/token`
}

function verify(entra: EntraEmulator, token: string) {
  const keys = createRemoteJWKSet(new URL(`${entra.url}/${entra.tenant}/discovery/v2.0/keys`))
  return jwtVerify(token, keys)
}

test('client credentials by secret; a wrong secret is refused', async (context) => {
  const entra = await start(context)
  const app = entra.addApp({ name: 'etl', secret: 's', groups: ['g1'] })
  const form = {
    grant_type: 'client_credentials',
    client_id: app.clientId,
    client_secret: 's',
    scope: 'https://storage.azure.com/.default',
  }
  const { body } = await post(tokenUrl(entra), form)
  const { payload } = await verify(entra, body['access_token'] ?? '')
  assert.equal(payload.aud, 'https://storage.azure.com')
  assert.equal(payload.iss, `https://sts.windows.net/${entra.tenant}/`)
  assert.deepEqual(payload['groups'], ['g1'])
  const refused = await post(tokenUrl(entra), { ...form, client_secret: 'x' })
  assert.deepEqual([refused.status, refused.body['error']], [401, 'invalid_client'])
})

test('client credentials by assertion, also on the /adfs path; not for another app', async (context) => {
  const entra = await start(context)
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const assertionKey = publicKey.export({ format: 'jwk' }) as { kty: string }
  const app = entra.addApp({ name: 'etl', assertionKey })
  const other = entra.addApp({ name: 'other', assertionKey })
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(app.clientId)
    .setSubject(app.clientId)
    .setAudience(tokenUrl(entra))
    .setExpirationTime('5m')
    .sign(privateKey)
  const form = {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    scope: 'api://x/.default',
  }
  const url = `${entra.url}/adfs/oauth2/token`
  assert.equal((await post(url, { ...form, client_id: app.clientId })).status, 200)
  assert.equal((await post(url, { ...form, client_id: other.clientId })).status, 401)
})

test('device code: pending, approved, once; then a refresh', async (context) => {
  const entra = await start(context)
  entra.addApi({ uri: 'api://gateway', clientId: 'gateway-client', version: 2 })
  const user = entra.addUser({ name: 'Dana', groups: ['dba'] })
  const scope = 'api://gateway/.default openid offline_access'
  const devices = `${entra.url}/${entra.tenant}/oauth2/v2.0/devicecode`
  const started = await post(devices, { client_id: 'cli', scope })
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    client_id: 'cli',
    device_code: started.body['device_code'] ?? '',
  }
  assert.equal((await post(tokenUrl(entra), form)).body['error'], 'authorization_pending')
  const approval = new URLSearchParams({
    user_code: started.body['user_code'] ?? '',
    user: 'Dana',
  })
  const page = started.body['verification_uri'] ?? ''
  assert.match(await (await fetch(page)).text(), /Dana/)
  assert.equal((await fetch(page, { method: 'POST', body: approval })).status, 200)
  const answered = await post(tokenUrl(entra), form)
  const { payload } = await verify(entra, answered.body['access_token'] ?? '')
  assert.equal(payload.aud, 'gateway-client')
  assert.equal(payload['oid'], user.objectId)
  assert.equal(payload['azp'], 'cli')
  const id = await verify(entra, answered.body['id_token'] ?? '')
  assert.equal(id.payload.aud, 'cli')
  assert.equal((await post(tokenUrl(entra), form)).body['error'], 'bad_verification_code')
  const refreshed = await post(tokenUrl(entra), {
    grant_type: 'refresh_token',
    client_id: 'cli',
    refresh_token: answered.body['refresh_token'] ?? '',
  })
  assert.equal(refreshed.status, 200)
})

test('authorization code with PKCE; a wrong verifier is refused', async (context) => {
  const entra = await start(context)
  entra.addUser({ name: 'Dana' })
  const signIn = async (verifier: string): Promise<Answer> => {
    const query = new URLSearchParams({
      client_id: 'console',
      redirect_uri: 'http://127.0.0.1/callback',
      scope: 'openid',
      state: 'st',
      code_challenge: createHash('sha256').update('right').digest('base64url'),
      code_challenge_method: 'S256',
      login_hint: 'Dana',
    })
    const url = `${entra.url}/${entra.tenant}/oauth2/v2.0/authorize?${query.toString()}`
    const { headers } = await fetch(url, { redirect: 'manual' })
    const back = new URL(headers.get('location') ?? '')
    assert.equal(back.searchParams.get('state'), 'st')
    return post(tokenUrl(entra), {
      grant_type: 'authorization_code',
      client_id: 'console',
      redirect_uri: 'http://127.0.0.1/callback',
      code: back.searchParams.get('code') ?? '',
      code_verifier: verifier,
    })
  }
  assert.equal((await signIn('right')).status, 200)
  assert.equal((await signIn('wrong')).body['error'], 'invalid_grant')
})

test('Graph tells groups to a bearer of a token for Graph, and to nobody else', async (context) => {
  const entra = await start(context)
  const app = entra.addApp({ name: 'etl', groups: ['g1', 'g2'] })
  const ask = async (audience: string): Promise<Response> =>
    fetch(`${entra.graphUrl}/v1.0/servicePrincipals/${app.objectId}/getMemberObjects`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await entra.issueToken({ kind: 'app', audience })}` },
      body: '{"securityEnabledOnly":true}',
    })
  const answer = (await (await ask('https://graph.microsoft.com')).json()) as { value: string[] }
  assert.deepEqual(answer.value, ['g1', 'g2'])
  assert.equal((await ask('api://other')).status, 401)
})

test('rotation publishes the new key, and withdraws the old one when told', async (context) => {
  const entra = await start(context)
  const old = await entra.issueToken({ kind: 'app', audience: 'a' })
  entra.keys.rotate()
  await verify(entra, old)
  await verify(entra, await entra.issueToken({ kind: 'app', audience: 'a' }))
  entra.keys.rotate({ keepOld: false })
  await assert.rejects(verify(entra, old), { code: 'ERR_JWKS_NO_MATCHING_KEY' })
})

test('without its header the managed identity endpoint gives nothing', async (context) => {
  const entra = await start(context)
  entra.setManagedIdentity(entra.addApp({ name: 'vm' }))
  const url = `${entra.managedIdentity.endpoint}?resource=https://vault.azure.net`
  assert.equal((await fetch(url)).status, 400)
  assert.equal((await fetch(url, { headers: { metadata: 'true' } })).status, 200)
})
