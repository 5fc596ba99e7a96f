import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2'
import { connect } from 'node:http2'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import { openRawHttp } from '../support/http-raw.ts'
import { until } from '../support/until.ts'

let bench: HttpBench
before(async () => {
  bench = await openHttpBench()
})
after(() => bench.stop())

function open(): ClientHttp2Session {
  const session = connect(`https://localhost:${bench.port}`, { ca: bench.ca })
  session.on('error', () => {})
  return session
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
  readonly trailers: Readonly<Record<string, unknown>>
}

async function read(stream: ClientHttp2Stream): Promise<Answer> {
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
  let trailers: Record<string, unknown> = {}
  stream.on('trailers', (fields: Record<string, unknown>) => (trailers = fields))
  let body = ''
  stream.setEncoding('utf8')
  for await (const chunk of stream as AsyncIterable<string>) body += chunk
  return { status: Number(headers[':status']), headers, body, trailers }
}

const OWN = { ':authority': 'res.localhost', authorization: 'Bearer etl' }

async function ask(headers: OutgoingHttpHeaders, body?: string): Promise<Answer> {
  const session = open()
  try {
    const stream = session.request({ ...OWN, ...headers }, { endStream: body === undefined })
    if (body !== undefined) stream.end(body)
    return await read(stream)
  } finally {
    session.destroy()
  }
}

test('requests, bodies and many streams at once', async () => {
  const got = await ask({ ':path': '/allow/echo?a=1' })
  assert.equal(got.status, 200)
  assert.match(String(got.headers['chaperone-session']), /^[0-9a-f-]{36}$/)
  const put = await ask({ ':path': '/allow/echo', ':method': 'PUT' }, 'hello')
  assert.equal(put.status, 200)
  assert.equal(bench.target.seen.at(-1)?.body.toString(), 'hello')
  assert.equal(bench.target.seen.at(-1)?.method, 'PUT')
  const session = open()
  const many = Array.from({ length: 50 }, (_, n) =>
    read(session.request({ ...OWN, ':path': `/allow/echo?n=${n}` })),
  )
  const answers = await Promise.all(many)
  session.destroy()
  answers.forEach(({ body }, n) => assert.match(body, new RegExp(`n=${n}"`)))
})

test('a body that is empty, and ends in a frame of its own', async () => {
  const got = await ask({ ':method': 'POST', ':path': '/allow/echo?empty' }, '')
  assert.match(got.body, /"url":"\/allow\/echo\?empty","sha256":"e3b0c44298/)
  assert.equal((await ask({ ':method': 'PUT', ':path': '/body/deny' }, '')).status, 403)
})

test('denials, trailers, HEAD and large answers', async () => {
  const denied = await ask({ ':path': '/deny/echo' })
  assert.equal(denied.status, 403)
  assert.match(denied.body, /POLICY_DENIED/)
  const trailing = await ask({ ':path': '/allow/trailers' })
  assert.equal(trailing.body, 'body')
  assert.equal(trailing.trailers['x-sum'], '4')
  const head = await ask({ ':path': '/allow/bytes?n=5', ':method': 'HEAD' })
  assert.equal(head.status, 200)
  assert.equal(head.headers['content-length'], '5')
  const large = await ask({ ':path': '/allow/bytes?n=3000000' })
  assert.equal(large.body.length, 3_000_000)
})

test('headers with names that objects have of themselves', async () => {
  const said =
    'HTTP/1.1 200 OK\r\nconstructor: a\r\nconnection: close\r\n__proto__: b\r\ncontent-length: 2\r\n\r\nhi'
  const bytes = encodeURIComponent(Buffer.from(said).toString('base64'))
  const { status, body, headers } = await ask({ ':path': `/allow/raw?bytes=${bytes}` })
  assert.equal(status, 200)
  assert.equal(body, 'hi')
  assert.equal(headers['constructor'], 'a')
})

const REFUSED: readonly (readonly [what: string, headers: OutgoingHttpHeaders])[] = [
  ['host other than :authority', { ':path': '/allow/echo', host: 'other.localhost' }],
  ['a method override', { ':path': '/allow/echo', 'x-http-method-override': 'DELETE' }],
  ['dots in the path', { ':path': '/allow/../deny' }],
  ['encoded dots', { ':path': '/allow/%2e%2e/deny' }],
  ['an absolute path', { ':path': 'https://evil/allow/echo' }],
  ['a lower-case method', { ':path': '/allow/echo', ':method': 'get' }],
  ['a plain scheme', { ':path': '/allow/echo', ':scheme': 'http' }],
  ['a user in the authority', { ':path': '/allow/echo', ':authority': 'a@res.localhost' }],
  ['a path with a space', { ':path': '/allow/echo HTTP/1.1' }],
]

for (const [what, headers] of REFUSED) {
  test(`refused: ${what}`, async () => {
    const before = bench.target.seen.length
    const { status, body } = await ask(headers).catch(reset)
    assert.ok(status === 400 || status === 501, `${status} ${body}`)
    assert.match(body, /PROTOCOL_VIOLATION|PROTOCOL_UNSUPPORTED/)
    assert.equal(bench.target.seen.length, before)
  })
}

/** The library itself refuses some with a reset. */
function reset(error: Error): Pick<Answer, 'status' | 'body'> {
  assert.match(error.message, /NGHTTP2_PROTOCOL_ERROR/)
  return { status: 400, body: 'PROTOCOL_VIOLATION' }
}

test('a stream that is reset gives its request up', async () => {
  const session = open()
  const stream = session.request({ ...OWN, ':path': '/allow/never' })
  await until('the target has it', () => bench.target.seen.at(-1)?.url === '/allow/never')
  stream.close()
  await until('it is recorded', async () =>
    (await bench.records()).some(({ result }) => result === 'lost'),
  )
  session.destroy()
})

test('a flood of resets ends the connection', async () => {
  const client = await openRawHttp({ ...bench, alpn: ['h2'] })
  client.say('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  client.say(h2Frame(4, 0, 0, Buffer.alloc(0)))
  const block = Buffer.concat([
    Buffer.from([0x82, 0x87, 0x84, 0x41, 13]),
    Buffer.from('res.localhost'),
  ])
  for (let n = 0; n < 2000 && !client.closed; n++) {
    const id = 2 * n + 1
    client.say(h2Frame(1, 5, id, block))
    client.say(h2Frame(3, 0, id, Buffer.from([0, 0, 0, 8])))
    if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await client.untilClosed()
})

/** RFC 9113 section 4.1. */
function h2Frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

const run = promisify(execFile)

for (const version of ['--http1.1', '--http2']) {
  test(`curl ${version}`, async (t) => {
    const found = await run('curl', ['--version']).catch(() => undefined)
    if (found === undefined) return t.skip('curl is not installed')
    const common = [version, '-sS', '--cacert', bench.caFile, '-H', 'authorization: Bearer etl']
    const url = `https://localhost:${bench.port}/res/allow/echo`
    const { stdout } = await run('curl', [...common, '-w', ' %{http_version} %{http_code}', url])
    assert.match(stdout, version === '--http2' ? / 2 200$/ : / 1\.1 200$/)
    const put = await run('curl', [...common, '-T', import.meta.filename, url])
    assert.match(put.stdout, /sha256/)
    assert.equal(bench.target.seen.at(-1)?.method, 'PUT')
    return undefined
  })
}
