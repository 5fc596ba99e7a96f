import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { SignJWT } from 'jose'
import { createTestClock } from '../../../test/support/test-clock.ts'
import type { Code } from '../../core/codes.ts'
import type { JsonClient } from '../tokens/json-client.ts'
import { parseToken } from '../tokens/token.ts'
import type { OidcOptions } from './oidc.ts'
import { createOidcProvider } from './oidc.ts'

const ISSUER = 'https://idp.example/realms/agents'
const KEYS = 'https://idp.example/keys'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const clock = createTestClock()

/** What the provider answers, by URL. */
function answering(documents: Record<string, unknown>): JsonClient {
  return (url) => {
    if (!(url in documents)) return Promise.reject(new Error(`nothing at ${url}`))
    return Promise.resolve({ status: 200, body: documents[url] })
  }
}

const ask = answering({
  [`${ISSUER}/.well-known/openid-configuration`]: { issuer: ISSUER, jwks_uri: KEYS },
  [KEYS]: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig' }] },
})

function issue(claims: Record<string, unknown> = {}): Promise<string> {
  const now_s = clock.now_ms() / 1000
  const standard = { iss: ISSUER, aud: 'gateway', sub: 'svc-etl', iat: now_s, exp: now_s + 300 }
  return new SignJWT({ ...standard, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .sign(privateKey)
}

async function verify(claims: Record<string, unknown> = {}, options: Partial<OidcOptions> = {}) {
  const provider = createOidcProvider(
    { issuer: ISSUER, audience: 'gateway', ask, ...options },
    clock,
  )
  return provider.verify(parseToken(await issue(claims)))
}

function refuses(
  code: Code,
  claims: Record<string, unknown>,
  options: Partial<OidcOptions> = {},
): Promise<void> {
  return assert.rejects(verify(claims, options), { code })
}

test('claims are read by the names that the configuration gives', async () => {
  const identity = await verify(
    { client: 'etl', realm_access: { roles: ['r'] }, teams: ['g'], azp: 'cli', jti: 'j' },
    {
      tenant: 'keycloak',
      claims: { objectId: 'client', roles: ['realm_access', 'roles'], groups: 'teams' },
    },
  )
  assert.equal(identity.kind, 'agent')
  assert.equal(identity.tenant, 'keycloak')
  assert.equal(identity.objectId, 'etl')
  assert.deepEqual([identity.groups, identity.roles], [['g'], ['r']])
  assert.deepEqual([identity.appId, identity.tokenId], ['cli', 'j'])
})

test('a claim can tell agents from people; neither is nobody', async () => {
  const kind = { claim: 'gty', agent: ['client-credentials'], human: ['password'] }
  assert.equal((await verify({ gty: 'client-credentials' }, { kind })).kind, 'agent')
  assert.equal((await verify({ gty: 'password' }, { kind })).kind, 'human')
  await refuses('TOKEN_CLAIM_MISSING', { gty: 'x' }, { kind })
  await refuses('TOKEN_CLAIM_MISSING', {}, { kind })
})

test('a token without an id of its own is named by a digest', async () => {
  assert.match((await verify()).tokenId, /^sha256:[\w-]{22}$/)
})

test('several audiences are refused, unless told', async () => {
  await refuses('TOKEN_AUDIENCE', { aud: ['gateway', 'account'] })
  await verify({ aud: ['gateway', 'account'] }, { otherAudiencesToo: true })
  await refuses('TOKEN_AUDIENCE', { aud: ['account'] }, { otherAudiencesToo: true })
})

test('ID tokens and bound tokens are refused', async () => {
  for (const claim of ['nonce', 'at_hash', 'cnf']) await refuses('TOKEN_TYPE', { [claim]: 'x' })
})

test('only listed algorithms, and no symmetric one can be listed', async () => {
  await refuses('TOKEN_ALGORITHM', {}, { algorithms: ['RS256'] })
  assert.throws(
    () =>
      createOidcProvider(
        { issuer: ISSUER, audience: 'a', algorithms: ['HS256' as 'RS256'] },
        clock,
      ),
    { code: 'CONFIG_INVALID' },
  )
})

test('the other checks are the same as for Entra', async () => {
  await refuses('TOKEN_ISSUER', { iss: `${ISSUER}/` })
  await refuses('TOKEN_CLAIM_MISSING', { sub: '' })
  await refuses('TOKEN_CLAIM_MISSING', { groups: [{}] })
  await refuses('TOKEN_EXPIRED', { exp: clock.now_ms() / 1000 - 60 })
  await refuses('TOKEN_TOO_OLD', {}, { maxAge_ms: -61_000 })
})

test('a discovery document of another issuer brings no keys', async () => {
  const lying = answering({
    [`${ISSUER}/.well-known/openid-configuration`]: { issuer: 'https://x', jwks_uri: KEYS },
    [KEYS]: { keys: [] },
  })
  await refuses('PROVIDER_UNAVAILABLE', {}, { ask: lying })
})

test('keys in clear are not asked for', () => {
  const options = { issuer: ISSUER, audience: 'a', jwksUri: 'http://idp.example/keys' }
  assert.throws(() => createOidcProvider(options, clock), { code: 'CONFIG_INVALID' })
})
