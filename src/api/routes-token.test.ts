import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, setUp } from '../../test/support/api/fakes.ts'

const EXCHANGE = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  subject_token: 'good',
  subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
}

async function exchange(form: string | Record<string, string>, type?: string) {
  const { api } = setUp()
  const response = await api.request('/v1/token', {
    method: 'POST',
    headers: { 'content-type': type ?? 'application/x-www-form-urlencoded' },
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
  })
  const json = (await response.json()) as Record<string, unknown>
  return {
    status: response.status,
    json,
    error: `${String(at(json, 'error'))} ${String(at(json, 'code'))}`,
  }
}

test('a token is exchanged for a gateway token, or for a ticket', async () => {
  const token = await exchange({ ...EXCHANGE, scope: 'https://storage.azure.com/.default' })
  assert.equal(token.status, 200)
  assert.deepEqual(token.json, {
    access_token: 'issued',
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
    expires_in: 90,
    scope: 'https://storage.azure.com/.default',
  })
  const type = 'urn:chaperone:token-type:ticket'
  const ticket = await exchange({ ...EXCHANGE, requested_token_type: type, resource: 'sales-db' })
  assert.equal(at(ticket.json, 'issued_token_type'), type)
  assert.equal(at(ticket.json, 'token_type'), 'N_A')
})

test('a wrong exchange is refused in the form of OAuth, with our code', async () => {
  const cases: [Record<string, string> | string, string][] = [
    [{}, 'invalid_request REQUEST_INVALID'],
    [
      { ...EXCHANGE, grant_type: 'client_credentials' },
      'unsupported_grant_type PROTOCOL_UNSUPPORTED',
    ],
    [{ ...EXCHANGE, subject_token: '' }, 'invalid_request REQUEST_INVALID'],
    [{ ...EXCHANGE, subject_token: 'old' }, 'invalid_request TOKEN_EXPIRED'],
    [{ ...EXCHANGE, subject_token: 'x'.repeat(40_000) }, 'invalid_request REQUEST_INVALID'],
    [{ ...EXCHANGE, subject_token_type: 'saml2' }, 'invalid_request REQUEST_INVALID'],
    [{ ...EXCHANGE, requested_token_type: 'other' }, 'invalid_request REQUEST_INVALID'],
    [{ ...EXCHANGE, actor_token: 'good' }, 'invalid_request REQUEST_INVALID'],
    [{ ...EXCHANGE, audience: 'elsewhere' }, 'invalid_request REQUEST_INVALID'],
    [{ ...EXCHANGE, resource: 'nowhere' }, 'invalid_target RESOURCE_UNKNOWN'],
    [{ ...EXCHANGE, subject_token: 'busy' }, 'temporarily_unavailable PROVIDER_UNAVAILABLE'],
    [{ ...EXCHANGE, subject_token: 'crash' }, 'server_error INTERNAL'],
    [
      `${new URLSearchParams(EXCHANGE).toString()}&subject_token=good`,
      'invalid_request REQUEST_INVALID',
    ],
  ]
  for (const [form, error] of cases) {
    const refused = await exchange(form)
    assert.equal(refused.error, error)
    assert.ok(refused.status >= 400)
    // RFC 6749 section 5.2.
    assert.match(String(at(refused.json, 'error_description')), /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
    assert.doesNotMatch(JSON.stringify(refused.json), /secret inside/)
  }
  const json = await exchange(JSON.stringify(EXCHANGE), 'application/json')
  assert.equal(json.error, 'invalid_request CONTENT_TYPE')
})
