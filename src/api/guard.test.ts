import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AGENT, at, codeOf, setUp } from '../../test/support/api/fakes.ts'
import type { Log } from '../core/log.ts'
import { silentLog } from '../core/log.ts'
import { createMetricsApp } from './app.ts'

test('only a well-formed bearer token is a credential', async () => {
  const { api } = setUp()
  const code = async (headers: Record<string, string>) => {
    const response = await api.request('/v1/me', { headers })
    const body = (await response.json()) as { error?: { code: string } }
    return [response.status, body.error?.code, response.headers.get('www-authenticate')]
  }
  const plain = 'Bearer realm="chaperone"'
  assert.deepEqual(await code({}), [401, 'CREDENTIAL_MISSING', plain])
  assert.deepEqual(await code({ cookie: 'token=adam' }), [401, 'CREDENTIAL_MISSING', plain])
  const malformed = [401, 'CREDENTIAL_MALFORMED', `${plain}, error="invalid_token"`]
  const headers = [
    'Basic YWRhbTo=',
    'Bearer',
    'Bearer  adam',
    'Bearer ad am',
    'Bearer adam,x',
    'adam',
  ]
  for (const authorization of [...headers, `Bearer ${'a'.repeat(40_000)}`]) {
    assert.deepEqual(await code({ authorization }), malformed, authorization.slice(0, 20))
  }
  assert.equal((await code({ authorization: 'bearer adam' }))[0], 200)
})

test('the peer is the address of the socket, whatever headers claim', async () => {
  const { api, attempts } = setUp()
  const headers = { authorization: 'Bearer adam', 'x-forwarded-for': '1.2.3.4' }
  await api.request('/v1/me', { headers })
  const incoming = { socket: { remoteAddress: '10.9.8.7' } }
  await api.request('/v1/me', { headers }, { incoming })
  assert.deepEqual(attempts, ['unknown', '10.9.8.7'])
})

test('bodies are JSON, say so, and are of bounded size', async () => {
  const { api, agents } = setUp({ bodyBytesMax: 500 })
  const post = async (
    type: string | undefined,
    body: NonNullable<RequestInit['body']>,
    more = {},
  ) => {
    const response = await api.request('/v1/agents', {
      method: 'POST',
      headers: {
        authorization: 'Bearer adam',
        ...(type === undefined ? {} : { 'content-type': type }),
        ...more,
      },
      body,
      duplex: 'half',
    })
    const json = (await response.json()) as { error: { code: string } }
    return `${response.status} ${json.error.code}`
  }
  const valid = JSON.stringify({ ...AGENT, name: 'etl-2', objectId: 'o2' })
  const types = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-16',
  ]
  for (const type of types) assert.equal(await post(type, valid), '415 CONTENT_TYPE', type)
  assert.equal(await post(undefined, new TextEncoder().encode(valid)), '415 CONTENT_TYPE')
  assert.equal(await post('application/json', '{"name":'), '422 REQUEST_INVALID')
  assert.equal(await post('application/json', '[]'), '422 REQUEST_INVALID')
  const large = JSON.stringify({ ...AGENT, purpose: 'x'.repeat(600) })
  assert.equal(await post('application/json', large), '413 MESSAGE_TOO_LARGE')
  const stream = new Blob([large]).stream()
  assert.equal(await post('application/json', stream), '413 MESSAGE_TOO_LARGE')
  assert.equal(agents.list().length, 1)
})

test('unknown addresses and methods answer in the one form, with no hint of the inside', async () => {
  const { call } = setUp()
  for (const [method, path] of [
    ['GET', '/'],
    ['GET', '/v1/nothing'],
    ['PUT', '/v1/agents'],
    ['GET', '/v1/agents/'],
    ['GET', '/metrics'],
    ['OPTIONS', '/v1/agents'],
  ] as const) {
    const { status, json } = await call('adam', method, path)
    assert.equal(`${status} ${codeOf(json)}`, '404 ROUTE_UNKNOWN', path)
    assert.deepEqual(Object.keys(at(json, 'error') as object), [
      'code',
      'message',
      'hint',
      'requestId',
    ])
  }
  assert.equal((await call(undefined, 'GET', '/v1/nothing')).code, 'CREDENTIAL_MISSING')
})

test('what breaks inside stays inside', async () => {
  const logged: string[] = []
  const log: Log = {
    ...silentLog,
    error: (event, fields) => logged.push(event, JSON.stringify(fields)),
  }
  const { call } = setUp({
    log,
    resources: () => {
      throw new TypeError('SECRET-VALUE is not iterable')
    },
  })
  const { status, json, headers } = await call('adam', 'GET', '/v1/resources')
  assert.equal(status, 500)
  assert.equal(at(json, 'error', 'code'), 'INTERNAL')
  assert.equal(at(json, 'error', 'requestId'), headers.get('x-request-id'))
  assert.doesNotMatch(JSON.stringify(json), /SECRET-VALUE|TypeError|at .*ts/)
  assert.match(logged.join(' '), /api\.internal.*TypeError/)
  assert.doesNotMatch(logged.join(' '), /SECRET-VALUE/)
})

test('every answer is marked as data for one caller', async () => {
  const { api } = setUp()
  for (const path of ['/healthz', '/v1/me', '/nothing', '/openapi.json']) {
    const { headers } = await api.request(path, { headers: { 'x-request-id': 'mine' } })
    assert.equal(headers.get('cache-control'), 'no-store', path)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/)
    assert.equal(headers.get('access-control-allow-origin'), null)
    assert.notEqual(headers.get('x-request-id'), 'mine')
  }
})

test('health, discovery, keys, sign-in and metrics are open; metrics only where wanted', async () => {
  const metrics = {
    contentType: 'text/plain; version=0.0.4',
    text: () => Promise.resolve('up 1\n'),
  }
  const { api, call, recorder } = setUp({ metrics })
  assert.equal((await call(undefined, 'GET', '/healthz')).status, 200)
  assert.equal(at((await call(undefined, 'GET', '/readyz')).json, 'status'), 'ready')
  recorder.stale = true
  const degraded = await call(undefined, 'GET', '/readyz')
  assert.equal(degraded.status, 200)
  assert.equal(at(degraded.json, 'status'), 'degraded')
  recorder.broken = true
  const failed = await call(undefined, 'GET', '/readyz')
  assert.equal(failed.status, 503)
  assert.equal(at(failed.json, 'status'), 'not-ready')
  const discovery = await call(undefined, 'GET', '/.well-known/openid-configuration')
  assert.equal(at(discovery.json, 'token_endpoint'), 'https://gateway.example/v1/token')
  const keys = await call(undefined, 'GET', '/.well-known/jwks.json')
  assert.equal(at(keys.json, 'keys', 0, 'kid'), 'k1')
  assert.equal(at((await call(undefined, 'GET', '/v1/sign-in')).json, 'clientId'), 'c')
  for (const app of [api, createMetricsApp(metrics)]) {
    const response = await app.request('/metrics')
    assert.equal(await response.text(), 'up 1\n')
    assert.match(response.headers.get('content-type') ?? '', /version=0\.0\.4/)
  }
})
