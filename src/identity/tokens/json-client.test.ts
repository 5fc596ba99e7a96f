import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { createAuthority, issueServerCertificate } from '../../listen/certificates.ts'
import { createJsonClient } from './json-client.ts'

const HOUR_MS = 3_600_000

async function serve(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const unavailable = { code: 'PROVIDER_UNAVAILABLE' }

test('an answer over TLS of a private authority, which must be trusted', async (context) => {
  const validity = { from_ms: Date.now() - HOUR_MS, to_ms: Date.now() + HOUR_MS }
  const authority = await createAuthority('test', validity)
  const { key, certificate } = await issueServerCertificate(authority, ['127.0.0.1'], validity)
  const server = createTlsServer({ key, cert: certificate }, (_, response) =>
    response.end('{"a":1}'),
  )
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  context.after(() => server.close())
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const answer = await createJsonClient({ ca: authority.certificate })(url)
  assert.deepEqual(answer, { status: 200, body: { a: 1 } })
  await assert.rejects(createJsonClient()(url), unavailable)
})

test('a redirect is not followed', async (context) => {
  let followed = false
  const url = await serve(context, (request, response) => {
    followed ||= request.url === '/elsewhere'
    response.writeHead(302, { location: '/elsewhere' }).end('{}')
  })
  assert.equal((await createJsonClient()(url)).status, 302)
  assert.equal(followed, false)
})

test('an answer that is too long, no JSON, or never ends', async (context) => {
  const url = await serve(context, (request, response) => {
    if (request.url === '/long') response.end(JSON.stringify('x'.repeat(2000)))
    else if (request.url === '/text') response.end('hello')
    else response.write('{')
  })
  const ask = createJsonClient({ responseBytesMax: 1000, timeout_ms: 50 })
  for (const path of ['/long', '/text', '/endless']) {
    await assert.rejects(ask(`${url}${path}`), unavailable, path)
  }
})

test('a host in clear is not asked', async () => {
  await assert.rejects(createJsonClient()('http://idp.example'), { code: 'CONFIG_INVALID' })
  await assert.rejects(createJsonClient()('file:///etc/passwd'), { code: 'CONFIG_INVALID' })
})
