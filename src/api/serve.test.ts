import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setUp } from '../../test/support/api/fakes.ts'
import { HEADER_BYTES_MAX } from './limits.ts'
import { serveApi } from './serve.ts'

test('the API answers on a socket, knows its peer, and closes', async () => {
  const { api, attempts } = setUp()
  const server = await serveApi(api, { host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${server.port}`
  const me = await fetch(`${url}/v1/me`, { headers: { authorization: 'Bearer adam' } })
  assert.equal(me.status, 200)
  await me.text()
  assert.deepEqual(attempts, ['127.0.0.1'])
  await server.close(1_000)
  await assert.rejects(fetch(`${url}/healthz`))
})

test('a body is cut off at its bound though its length was not told', async (context) => {
  const { api } = setUp({ bodyBytesMax: 1_000 })
  const server = await serveApi(api, { host: '127.0.0.1', port: 0 })
  context.after(() => server.close(0))
  const call = request({
    port: server.port,
    method: 'POST',
    path: '/v1/agents',
    headers: { authorization: 'Bearer adam', 'content-type': 'application/json' },
  })
  call.on('error', () => {})
  call.write('x'.repeat(2_000))
  const [response] = (await once(call, 'response')) as [{ statusCode: number; resume(): void }]
  assert.equal(response.statusCode, 413)
  response.resume()
  call.destroy()
})

test('a TRACE with a body is an unknown route, and no failure', async (context) => {
  const { api } = setUp()
  const server = await serveApi(api, { host: '127.0.0.1', port: 0 })
  context.after(() => server.close(0))
  const socket = connect(server.port, '127.0.0.1')
  const head = 'TRACE / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'
  socket.write(`${head}content-length: 2\r\n\r\n{}`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  assert.match(answer.toString(), /^HTTP\/1\.1 404 /)
})

test('requests with and without a body are taken, however their length is told', async (context) => {
  const { api } = setUp()
  const server = await serveApi(api, { host: '127.0.0.1', port: 0 })
  context.after(() => server.close(0))
  const status = async (method: string, path: string, body?: string, type?: string) => {
    const headers = {
      authorization: 'Bearer adam',
      ...(type === undefined ? {} : { 'content-type': type }),
    }
    const call = request({ port: server.port, method, path, headers })
    // A body that is written in pieces goes as chunks, without a length.
    for (const piece of body ?? '') call.write(piece)
    call.end()
    const [response] = (await once(call, 'response')) as [{ statusCode: number; resume(): void }]
    response.resume()
    return response.statusCode
  }
  const agent = JSON.stringify({
    name: 'new',
    tenant: 't',
    objectId: 'o',
    owner: 'a',
    purpose: 'p',
  })
  assert.equal(await status('POST', '/v1/agents', agent, 'application/json'), 201)
  assert.equal(await status('POST', '/v1/agents', agent), 415)
  assert.equal(await status('DELETE', '/v1/agents/new'), 204)
  assert.equal(await status('DELETE', '/v1/agents/new'), 404)
})

test('heads beyond the bound, and what is no HTTP, are refused', async (context) => {
  const { api, attempts } = setUp()
  const server = await serveApi(api, { host: '127.0.0.1', port: 0 })
  context.after(() => server.close(0))
  const first = async (text: string) => {
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.end(text)
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    return chunk.toString('latin1').split('\r\n')[0]
  }
  const head = `GET /v1/me HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(HEADER_BYTES_MAX)}\r\n\r\n`
  assert.match((await first(head)) ?? '', /^HTTP\/1\.1 431 /)
  assert.match((await first('nonsense\r\n\r\n')) ?? '', /^HTTP\/1\.1 400 /)
  const smuggled =
    'POST /v1/token HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
  assert.match((await first(smuggled)) ?? '', /^HTTP\/1\.1 400 /)
  assert.deepEqual(attempts, [])
})

test('an address that is taken is an error, not a silence', async (context) => {
  const { api } = setUp()
  const server = await serveApi(api, { host: '127.0.0.1', port: 0 })
  context.after(() => server.close(0))
  const second = serveApi(api, { host: '127.0.0.1', port: server.port })
  await assert.rejects(second, { code: 'CONFIG_INVALID' })
})
