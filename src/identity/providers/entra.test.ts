import assert from 'node:assert/strict'
import type { JsonWebKey } from 'node:crypto'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { SignJWT, UnsecuredJWT } from 'jose'
import type { TokenSpec } from '../../../emulator/entra/claims.ts'
import type { EntraEmulator } from '../../../emulator/entra/server.ts'
import { startEntraEmulator } from '../../../emulator/entra/server.ts'
import { createTestClock } from '../../../test/support/test-clock.ts'
import type { Code } from '../../core/codes.ts'
import type { Identity, Provider } from '../tokens/identity.ts'
import { parseToken } from '../tokens/token.ts'
import type { EntraOptions } from './entra.ts'
import { createEntraProvider } from './entra.ts'
import { providerOf } from './provider.ts'

const AUDIENCE = 'api://gateway'
const OID = '11111111-1111-4111-8111-111111111111'
const APP = '22222222-2222-4222-8222-222222222222'
const PARENT = '33333333-3333-4333-8333-333333333333'
const OTHER_TENANT = '99999999-9999-4999-8999-999999999999'

describe('Entra tokens', () => {
  const clock = createTestClock()
  let entra: EntraEmulator
  let other: EntraEmulator
  let provider: Provider

  const providerFor = (options: Partial<EntraOptions> = {}): Provider =>
    createEntraProvider(
      {
        tenant: entra.tenant,
        audience: [AUDIENCE],
        authority: entra.url,
        graph: entra.graphUrl,
        ...options,
      },
      clock,
    )
  const verify = (text: string, by: Provider = provider): Promise<Identity> => {
    const token = parseToken(text)
    return providerOf(token, [by]).verify(token)
  }
  const issue = (spec: Partial<TokenSpec> = {}): Promise<string> =>
    entra.issueToken({ kind: 'app', audience: AUDIENCE, objectId: OID, appId: APP, ...spec })
  /** Both of a malformed text and of a refused token. */
  const refuses = (text: string | Promise<string>, code: Code, by?: Provider): Promise<void> =>
    assert.rejects(async () => verify(await text, by), { code })

  before(async () => {
    entra = await startEntraEmulator({ clock })
    other = await startEntraEmulator({ clock })
    provider = providerFor()
  })
  after(() => Promise.all([entra.close(), other.close()]))

  test('an app token of version 2', async () => {
    const identity = await verify(await issue({ groups: ['g'], roles: ['r'] }))
    const { tokenId, issuedAt_ms, expiresAt_ms, ...rest } = identity
    assert.deepEqual(rest, {
      kind: 'agent',
      tenant: entra.tenant,
      objectId: OID,
      appId: APP,
      name: APP,
      groups: ['g'],
      roles: ['r'],
    })
    assert.match(tokenId, /^[\w-]{22}$/)
    assert.equal(expiresAt_ms - issuedAt_ms, 3_600_000)
  })

  test('an app token of version 1', async () => {
    const { kind, appId } = await verify(await issue({ version: 1 }))
    assert.deepEqual([kind, appId], ['agent', APP])
  })

  test('a human token', async () => {
    const { kind, name } = await verify(await issue({ kind: 'user', name: 'Dana' }))
    assert.deepEqual([kind, name], ['human', 'dana@emulator.example'])
  })

  test('an agent identity, with its blueprint', async () => {
    const identity = await verify(await issue({ kind: 'agent-identity', parentAppId: PARENT }))
    assert.deepEqual([identity.kind, identity.parentAppId], ['agent', PARENT])
  })

  test('an agent that acts for a user: the user is a delegation, whose groups are not taken', async () => {
    const identity = await verify(
      await issue({ kind: 'agent-for-user', name: 'Dana', groups: ['admins'], roles: ['Admin'] }),
    )
    assert.equal(identity.kind, 'agent')
    assert.equal(identity.objectId, undefined)
    assert.equal(identity.appId, APP)
    assert.deepEqual(identity.delegation, { objectId: OID, name: 'dana@emulator.example' })
    assert.deepEqual([identity.groups, identity.roles], [[], []])
  })

  test("an agent's user account counts as the agent, and without its actor as nobody", async () => {
    const user = await issue({ kind: 'agent-for-user', claims: { xms_sub_fct: '13 5' } })
    assert.equal((await verify(user)).kind, 'agent')
    await refuses(issue({ kind: 'user', claims: { xms_sub_fct: '13' } }), 'TOKEN_TYPE')
  })

  test('an agent as the subject needs its actor as well', async () => {
    await refuses(issue({ kind: 'user', claims: { xms_sub_fct: '11' } }), 'TOKEN_TYPE')
    await refuses(issue({ kind: 'user', claims: { xms_sub_fct: '5 11' } }), 'TOKEN_TYPE')
    const acting = issue({ kind: 'user', claims: { xms_sub_fct: '11', xms_act_fct: '11' } })
    assert.equal((await verify(await acting)).kind, 'agent')
  })

  test('hasgroups: they are many, and not none', async () => {
    const claims = { hasgroups: true, groups: undefined }
    assert.equal((await verify(await issue({ kind: 'user', claims }))).groups, 'elsewhere')
  })

  test('a facet that only looks like 11 makes no agent', async () => {
    const { kind } = await verify(await issue({ kind: 'user', claims: { xms_act_fct: '1 111' } }))
    assert.equal(kind, 'human')
  })

  test('what is no token', async () => {
    const token = await issue()
    const [header = '', claims = '', signature = ''] = token.split('.')
    const twice = Buffer.from('{"iss":"a","iss":"b"}').toString('base64url')
    const texts = [
      'x',
      'a.b',
      `${token}.x`,
      ` ${token}`,
      `${token}\n`,
      `${token}=`,
      `${header}.${twice}.${signature}`,
      claims,
      `${header}.${Buffer.from('[]').toString('base64url')}.${signature}`,
      `${header}.${Buffer.from('"a"').toString('base64url')}.${signature}`,
    ]
    for (const text of texts) await refuses(text, 'CREDENTIAL_MALFORMED')
  })

  test('a spelling of the same bytes that is not the shortest', async () => {
    const token = await issue()
    // 256 bytes of signature end in a letter of which four bits mean nothing.
    const last = token.at(-1) ?? ''
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const twin = alphabet[alphabet.indexOf(last) ^ 1] ?? ''
    await refuses(`${token.slice(0, -1)}${twin}`, 'CREDENTIAL_MALFORMED')
  })

  test('a token over 16 KiB', async () => {
    await refuses(issue({ claims: { x: 'x'.repeat(16_384) } }), 'TOKEN_TOO_LARGE')
  })

  test('header parameters that bring a key of their own', async () => {
    for (const parameter of ['jku', 'x5u', 'jwk', 'x5c', 'b64']) {
      const header = { [parameter]: 'https://evil.example/keys' }
      await refuses(issue({ header }), 'CREDENTIAL_MALFORMED')
    }
  })

  test('algorithm none', async () => {
    const { claims } = parseToken(await issue())
    await refuses(new UnsecuredJWT({ ...claims }).encode(), 'TOKEN_ALGORITHM')
  })

  test('HS256 with the public key as the secret', async () => {
    const [jwk] = entra.keys.published()
    const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
    const { claims } = parseToken(await issue())
    for (const type of ['spki', 'pkcs1'] as const) {
      const secret = Buffer.from(key.export({ type, format: 'pem' }))
      const forged = await new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: jwk?.kid ?? '' })
        .sign(secret)
      await refuses(forged, 'TOKEN_ALGORITHM')
    }
  })

  test('an algorithm that the key could do but the list does not have', async () => {
    await refuses(issue({ header: { alg: 'RS512' } }), 'TOKEN_ALGORITHM')
  })

  test('another key under a published key id', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const { claims } = parseToken(await issue())
    const forged = await new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: entra.keys.published()[0]?.kid ?? '' })
      .sign(privateKey)
    await refuses(forged, 'TOKEN_SIGNATURE')
  })

  test('changed claims under a real signature', async () => {
    const [header = '', , signature = ''] = (await issue()).split('.')
    const [, claims = ''] = (await issue({ roles: ['Admin'] })).split('.')
    await refuses(`${header}.${claims}.${signature}`, 'TOKEN_SIGNATURE')
  })

  test('a key id that is a path, a URL, not a text, or not there', async () => {
    for (const kid of [
      '../../etc/passwd',
      'https://evil.example/k',
      '',
      "' OR 1=1 --",
      undefined,
    ]) {
      await refuses(issue({ header: { kid } as never }), 'TOKEN_KEY_UNKNOWN')
    }
  })

  test("another tenant's key under our issuer", async () => {
    const claims = { iss: `${entra.url}/${entra.tenant}/v2.0`, tid: entra.tenant }
    const forged = other.issueToken({ kind: 'app', audience: AUDIENCE, claims })
    await refuses(forged, 'TOKEN_KEY_UNKNOWN')
  })

  test("another tenant's token", async () => {
    await refuses(other.issueToken({ kind: 'app', audience: AUDIENCE }), 'TOKEN_ISSUER')
  })

  test('an issuer that is nearly ours', async () => {
    for (const suffix of ['/', '?', '#', '/../v2.0', ' ']) {
      const iss = `${entra.url}/${entra.tenant}/v2.0${suffix}`
      await refuses(issue({ claims: { iss } }), 'TOKEN_ISSUER')
    }
    await refuses(issue({ claims: { iss: undefined } }), 'TOKEN_CLAIM_MISSING')
    await refuses(issue({ claims: { iss: [`${entra.url}/${entra.tenant}/v2.0`] } }), 'TOKEN_ISSUER')
  })

  test('the issuer of one version with claims of the other', async () => {
    await refuses(issue({ version: 1, claims: { ver: '2.0' } }), 'TOKEN_ISSUER')
    await refuses(issue({ version: 2, claims: { ver: '1.0' } }), 'TOKEN_ISSUER')
    await refuses(issue({ claims: { azp: undefined, appid: APP } }), 'TOKEN_CLAIM_MISSING')
    await refuses(
      issue({ version: 1, claims: { appid: undefined, azp: APP } }),
      'TOKEN_CLAIM_MISSING',
    )
  })

  test('a tenant claim that is not the issuer', async () => {
    await refuses(issue({ claims: { tid: OTHER_TENANT } }), 'TOKEN_TENANT')
  })

  test('a key that is published for another issuer', async () => {
    const keys = entra.keys.published().map((jwk) => ({
      ...jwk,
      issuer: `${entra.url}/${OTHER_TENANT}/v2.0`,
    }))
    const by = providerFor({ ask: () => Promise.resolve({ status: 200, body: { keys } }) })
    await refuses(issue(), 'TOKEN_TENANT', by)
  })

  test('an audience that is not the gateway, or not the gateway alone', async () => {
    const wrong = [
      'https://management.azure.com',
      `${AUDIENCE}/`,
      [AUDIENCE, 'api://b'],
      [],
      undefined,
    ]
    for (const aud of wrong) await refuses(issue({ claims: { aud } }), 'TOKEN_AUDIENCE')
  })

  test('times', async () => {
    await refuses(issue({ issuedAgo_s: 3660 }), 'TOKEN_EXPIRED')
    await verify(await issue({ issuedAgo_s: 3659 }))
    await refuses(issue({ issuedAgo_s: -61 }), 'TOKEN_NOT_YET_VALID')
    await verify(await issue({ issuedAgo_s: -60 }))
    const now_s = clock.now_ms() / 1000
    await refuses(issue({ claims: { nbf: now_s + 61 } }), 'TOKEN_NOT_YET_VALID')
    await refuses(issue({ issuedAgo_s: 86_461, expiresIn_s: 90_000 }), 'TOKEN_TOO_OLD')
    await verify(await issue({ issuedAgo_s: 86_460, expiresIn_s: 90_000 }))
    for (const exp of [undefined, 'soon', -1, null, 1e300]) {
      await refuses(issue({ claims: { exp } }), 'TOKEN_CLAIM_MISSING')
    }
    await refuses(issue({ claims: { iat: undefined } }), 'TOKEN_CLAIM_MISSING')
    await refuses(issue({ claims: { nbf: 'now' } }), 'TOKEN_CLAIM_MISSING')
  })

  test('claims that are missing or malformed', async () => {
    const broken: Record<string, unknown>[] = [
      { oid: undefined },
      { oid: 'etl' },
      { oid: [OID] },
      { tid: undefined },
      { azp: undefined },
      { ver: undefined },
      { groups: [1] },
      { groups: { a: 1 } },
      { roles: ['a\u0000b'] },
      { xms_par_app_azp: 'x' },
    ]
    for (const claims of broken) await refuses(issue({ claims }), 'TOKEN_CLAIM_MISSING')
  })

  test('an app token must say idtyp=app', async () => {
    await refuses(issue({ claims: { idtyp: undefined } }), 'TOKEN_CLAIM_MISSING')
    await refuses(issue({ claims: { idtyp: 'device' } }), 'TOKEN_TYPE')
    await refuses(issue({ claims: { scp: 'access' } }), 'TOKEN_TYPE')
  })

  test('where idtyp is not required, sub = oid and a proven client make an app', async () => {
    const by = providerFor({ requireIdtyp: false })
    const without = { idtyp: undefined }
    assert.equal((await verify(await issue({ claims: without }), by)).kind, 'agent')
    for (const claims of [{ sub: APP }, { azpacr: '0' }, { preferred_username: 'd' }]) {
      await refuses(issue({ claims: { ...without, ...claims } }), 'TOKEN_CLAIM_MISSING', by)
    }
  })

  test('ID tokens, tokens bound to a key and tokens of another type', async () => {
    await refuses(issue({ kind: 'user', claims: { scp: undefined, idtyp: 'user' } }), 'TOKEN_TYPE')
    await refuses(issue({ kind: 'user', claims: { scp: undefined } }), 'TOKEN_CLAIM_MISSING')
    await refuses(issue({ claims: { cnf: { jkt: 'x' } } }), 'TOKEN_TYPE')
    await refuses(issue({ header: { typ: 'dpop+jwt' } }), 'TOKEN_TYPE')
  })

  test('groups that did not fit are asked from Graph, never from the URL in the token', async () => {
    const app = entra.addApp({ name: 'big', groups: ['g1', 'g2'] })
    const graphToken = () =>
      entra.issueToken({ kind: 'app', audience: 'https://graph.microsoft.com' })
    const by = providerFor({ graphToken })
    const claims = { _claim_sources: { src1: { endpoint: `${other.url}/steal` } } }
    const identity = await verify(
      await issue({ objectId: app.objectId, overage: true, claims }),
      by,
    )
    assert.equal(identity.groups, 'elsewhere')
    assert.deepEqual(await by.groups(identity), ['g1', 'g2'])
    assert.deepEqual(await by.groups(identity), ['g1', 'g2'])
    const path = `/v1.0/servicePrincipals/${app.objectId}/getMemberObjects`
    assert.equal(entra.requests.get(path), 1)
    assert.equal(other.requests.size, 0)
  })

  test('a person with many groups is asked for as a user', async () => {
    const user = entra.addUser({ name: 'Dana', groups: ['g1'] })
    const graphToken = () =>
      entra.issueToken({ kind: 'app', audience: 'https://graph.microsoft.com' })
    const by = providerFor({ graphToken })
    const spec = { kind: 'user', objectId: user.objectId, overage: true } as const
    assert.deepEqual(await by.groups(await verify(await issue(spec), by)), ['g1'])
  })

  test('groups that cannot be had, or may be incomplete', async () => {
    const identity = await verify(await issue({ overage: true }))
    const code = 'TOKEN_GROUPS_UNAVAILABLE'
    await assert.rejects(provider.groups(identity), { code })
    const graphToken = () => Promise.resolve('t')
    const bodies = [
      { value: ['a'], '@odata.nextLink': 'https://graph/next' },
      { value: [1] },
      {},
      { value: 'a' },
    ]
    for (const body of bodies) {
      const by = providerFor({ graphToken, ask: () => Promise.resolve({ status: 200, body }) })
      await assert.rejects(by.groups(identity), { code })
    }
    const refused = providerFor({ graphToken })
    await assert.rejects(refused.groups(identity), { code })
    const noToken = providerFor({ graphToken: () => Promise.reject(new Error('no')) })
    await assert.rejects(noToken.groups(identity), { code })
  })

  test('a provider that cannot be reached', async () => {
    const by = providerFor({ ask: () => Promise.reject(new Error('down')) })
    await refuses(issue(), 'PROVIDER_UNAVAILABLE', by)
  })

  test('keys rotate: the new one is fetched once', async () => {
    const by = providerFor()
    await verify(await issue(), by)
    const fetched = entra.requests.get('/discovery/v2.0/keys') ?? 0
    entra.keys.rotate()
    await verify(await issue(), by)
    await verify(await issue(), by)
    assert.equal(entra.requests.get('/discovery/v2.0/keys'), fetched + 1)
  })

  test('a tenant that is none, and an authority in clear', () => {
    assert.throws(() => providerFor({ tenant: 'common' }), { code: 'CONFIG_INVALID' })
    assert.throws(() => providerFor({ authority: 'http://login.example' }), {
      code: 'CONFIG_INVALID',
    })
  })
})
