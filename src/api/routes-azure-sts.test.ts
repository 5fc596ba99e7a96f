import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, setUp } from '../../test/support/api/fakes.ts'
import type { Wanted } from '../identity/sts.ts'

const TENANT = '11111111-2222-3333-4444-555555555555'
const LOGIN = {
  grant_type: 'client_credentials',
  client_id: 'app-1',
  client_assertion: 'good',
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  scope: 'https://management.azure.com/.default',
}

async function login(form: string | Record<string, string>, path = '/adfs/oauth2/token') {
  const seen: Wanted[] = []
  const { api } = setUp(spy(seen))
  const response = await api.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
  })
  const json = (await response.json()) as Record<string, unknown>
  return { status: response.status, json, seen }
}

/** The fake token service, and what it was asked. */
function spy(seen: Wanted[]) {
  const { deps } = setUp()
  const { tokens } = deps
  return {
    tokens: {
      exchange: (token: string, wanted: Wanted) => {
        seen.push(wanted)
        return tokens.exchange(token, wanted)
      },
      narrow: (ticket: string, wanted: Parameters<typeof tokens.narrow>[1]) => {
        seen.push(wanted)
        return tokens.narrow(ticket, wanted)
      },
    },
  }
}

test('the Azure CLI signs in: an assertion for a token of one service', async () => {
  const { status, json, seen } = await login(LOGIN)
  assert.equal(status, 200)
  assert.deepEqual(json, {
    token_type: 'Bearer',
    expires_in: 90,
    ext_expires_in: 90,
    access_token: 'issued',
  })
  assert.equal(seen[0]?.service, 'azure-arm')
  assert.deepEqual(seen[0]?.client, { id: 'app-1' })
})

test('a scope names its service, in every form that tools send', async () => {
  const cases: [string, string][] = [
    ['https://management.azure.com//.default', 'azure-arm'],
    ['https://management.core.windows.net/.default', 'azure-arm'],
    ['https://gateway.example/azure-arm/.default', 'azure-arm'],
    ['openid profile offline_access https://graph.microsoft.com/.default', 'microsoft-graph'],
    ['https://storage.azure.com/.default', 'azure-storage'],
    ['https://acme.blob.core.windows.net/.default', 'azure-storage'],
    ['https://vault.azure.net/.default', 'azure-keyvault'],
    ['https://ossrdbms-aad.database.windows.net/.default', 'open-source-databases'],
  ]
  for (const [scope, service] of cases) {
    const { seen } = await login({ ...LOGIN, scope })
    assert.equal(seen[0]?.service, service, scope)
  }
})

test('a scope may be the address of a resource, and the token is for it alone', async () => {
  for (const scope of [
    'https://gw.example:7443/sales-db/.default',
    'https://sales-db.gw.example/.default',
  ]) {
    const { seen } = await login({ ...LOGIN, scope })
    assert.equal(seen[0]?.resource, 'sales-db')
    assert.equal(seen[0]?.service, 'open-source-databases')
  }
})

test('what is wrong is refused in the form of Entra ID, with our code', async () => {
  const cases: [Record<string, string> | string, string, number][] = [
    [{}, 'unsupported_grant_type PROTOCOL_UNSUPPORTED', 400],
    [{ ...LOGIN, grant_type: 'password' }, 'unsupported_grant_type PROTOCOL_UNSUPPORTED', 400],
    [{ ...LOGIN, client_secret: 'x' }, 'invalid_client CREDENTIAL_MALFORMED', 401],
    [{ ...LOGIN, client_assertion: '' }, 'invalid_request REQUEST_INVALID', 400],
    [{ ...LOGIN, client_assertion: 'old' }, 'invalid_client TOKEN_EXPIRED', 401],
    [{ ...LOGIN, client_assertion: 'crash' }, 'server_error INTERNAL', 500],
    [{ ...LOGIN, client_assertion_type: 'saml' }, 'invalid_request REQUEST_INVALID', 400],
    [{ ...LOGIN, client_id: '' }, 'invalid_request REQUEST_INVALID', 400],
    [
      { ...LOGIN, scope: 'https://evil.example/.default' },
      'invalid_resource RESOURCE_UNKNOWN',
      400,
    ],
    [
      { ...LOGIN, scope: 'https://management.azure.com.evil.example/.default' },
      'invalid_resource RESOURCE_UNKNOWN',
      400,
    ],
    [
      { ...LOGIN, scope: 'https://management.azure.com/user' },
      'invalid_request REQUEST_INVALID',
      400,
    ],
    [
      { ...LOGIN, scope: `${LOGIN.scope} https://vault.azure.net/.default` },
      'invalid_request REQUEST_INVALID',
      400,
    ],
    [{ ...LOGIN, resource: 'https://vault.azure.net' }, 'invalid_request REQUEST_INVALID', 400],
    [
      `${new URLSearchParams(LOGIN).toString()}&client_assertion=good`,
      'invalid_request REQUEST_INVALID',
      400,
    ],
  ]
  for (const [form, error, status] of cases) {
    const refused = await login(form)
    assert.equal(`${String(at(refused.json, 'error'))} ${String(at(refused.json, 'code'))}`, error)
    assert.equal(refused.status, status)
    assert.match(String(at(refused.json, 'error_description')), /^AADSTS\d+: .*\([A-Z_]+\)$/)
    assert.doesNotMatch(JSON.stringify(refused.json), /secret inside/)
  }
})

test('a tenant is a GUID, and is compared with the agent’s', async () => {
  const path = `/${TENANT}/oauth2/v2.0/token`
  const { seen } = await login(LOGIN, path)
  assert.deepEqual(seen[0]?.client, { id: 'app-1', tenant: TENANT })
  for (const tenant of ['common', 'organizations', 'example.com']) {
    const { api } = setUp()
    const response = await api.request(`/${tenant}/v2.0/.well-known/openid-configuration`)
    assert.equal(at(await response.json(), 'code'), 'TOKEN_TENANT')
  }
})

test('discovery names endpoints on the host that was asked', async () => {
  const { api } = setUp()
  const adfs: unknown = await (await api.request('/adfs/.well-known/openid-configuration')).json()
  assert.equal(at(adfs, 'issuer'), 'https://gateway.example/adfs')
  assert.equal(at(adfs, 'token_endpoint'), 'https://gateway.example/adfs/oauth2/token')
  const path = `/${TENANT}/v2.0/.well-known/openid-configuration`
  const tenant: unknown = await (await api.request(path)).json()
  assert.equal(at(tenant, 'token_endpoint'), `https://gateway.example/${TENANT}/oauth2/v2.0/token`)
  const instance: unknown = await (await api.request('/common/discovery/instance')).json()
  assert.match(String(at(instance, 'tenant_discovery_endpoint')), /^https:\/\/gateway\.example\//)
})

test('a managed identity of App Service is a ticket; a virtual machine is nobody', async () => {
  const ask = async (path: string, headers: Record<string, string>): Promise<{ json: unknown }> => {
    const { api } = setUp()
    const response = await api.request(path, { headers })
    return { json: await response.json() }
  }
  const query = '?api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.azure.com%2F'
  const good = await ask(`/identity/oauth2/token${query}`, { 'x-identity-header': 'chp_ticket' })
  assert.equal(at(good.json, 'access_token'), 'narrowed')
  assert.match(String(at(good.json, 'expires_on')), /^\d+$/)
  const none = await ask(`/identity/oauth2/token${query}`, {})
  assert.equal(at(none.json, 'code'), 'CREDENTIAL_MISSING')
  const other = await ask(`/identity/oauth2/token${query}`, { 'x-identity-header': 'secret' })
  assert.equal(at(other.json, 'code'), 'CREDENTIAL_MALFORMED')
  const twice = await ask(`/identity/oauth2/token${query}&resource=x`, {
    'x-identity-header': 'chp_',
  })
  assert.equal(at(twice.json, 'code'), 'REQUEST_INVALID')
  const machine = await ask(`/metadata/identity/oauth2/token${query}`, { metadata: 'true' })
  assert.equal(at(machine.json, 'code'), 'PROTOCOL_UNSUPPORTED')
})
