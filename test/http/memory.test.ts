import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect as connectH2 } from 'node:http2'
import type { RequestOptions } from 'node:https'
import { createServer, request as requestH1 } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../src/listen/development-authority.ts'
import type { BodyTransform } from '../../src/protocol/http/api.ts'
import { testApi } from '../support/http-api.ts'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'

/**
 * All targets' sockets read into the same memory, and answers are joined in memory that is used again:
 * every byte must still come to its own client, in its own place.
 */

const BYTES = 2_000_000

/** Tells of each four bytes whose they are and where they belong. */
function content(seed: number): Buffer {
  const bytes = Buffer.alloc(BYTES)
  for (let at = 0; at < BYTES; at += 4) bytes.writeUInt32BE((seed << 24) | (at >> 2), at)
  return bytes
}

/** `/allow/SEED/FORM`, in pieces of odd lengths. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, , seed = '', form = ''] = (request.url ?? '').split('/')
  const bytes = content(Number(seed))
  if (form === 'length') response.setHeader('content-length', bytes.length)
  if (form === 'kept') response.setHeader('content-type', 'kept')
  let size = 1
  for (let at = 0; at < bytes.length; at += size) {
    size = (size * 7 + 13) % 40_009
    if (!response.write(bytes.subarray(at, at + size))) await once(response, 'drain')
  }
  response.end()
}

/** Gives nothing on before it has everything. */
function keeper(): BodyTransform {
  const kept: Buffer[] = []
  return {
    write(chunk) {
      kept.push(chunk)
      return Buffer.alloc(0)
    },
    end: () => Buffer.concat(kept),
    masked: [],
  }
}

let folder: string
let bench: HttpBench
const server = createServer((request, response) => void answer(request, response))
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'http-memory-'))
  const authority = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
  server.setSecureContext({
    cert: readFileSync(authority.certificateFile),
    key: readFileSync(authority.keyFile),
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  bench = await openHttpBench({
    target: { port: (server.address() as AddressInfo).port, caFile: authority.authorityFile },
    api: testApi({
      answer: (_request, _judgement, { headers }) =>
        headers.some(([name, value]) => name === 'content-type' && value === 'kept')
          ? { type: 'transform', headers, body: keeper() }
          : { type: 'pass', headers },
    }),
  })
})
after(async () => {
  await bench.stop()
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true, force: true })
})

async function read(body: Readable, isSlow: boolean): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of body as AsyncIterable<Buffer>) {
    pieces.push(piece)
    if (isSlow) for (let turns = 0; turns < 20; turns++) await turn()
  }
  return Buffer.concat(pieces)
}

async function byH1(path: string, isSlow = false): Promise<Buffer> {
  const headers = { host: 'res.localhost', authorization: 'Bearer etl' }
  const at: RequestOptions = { host: '127.0.0.1', port: bench.port, servername: 'localhost' }
  const asked = requestH1({ ...at, ca: bench.ca, path, headers, agent: false })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return await read(response, isSlow)
}

async function byH2(path: string): Promise<Buffer> {
  const session = connectH2(`https://localhost:${bench.port}`, { ca: bench.ca })
  try {
    const own = { ':authority': 'res.localhost', authorization: 'Bearer etl' }
    return await read(session.request({ ...own, ':path': path }), false)
  } finally {
    session.destroy()
  }
}

test('large answers at once, each to its own client and in its own order', async () => {
  const got = await Promise.all([
    byH1('/allow/0/length'),
    byH1('/allow/1/chunked'),
    byH1('/allow/2/length', true),
    byH1('/allow/3/chunked', true),
    byH2('/allow/4/length'),
    byH2('/allow/5/chunked'),
    byH1('/allow/6/kept'),
    byH2('/allow/7/kept'),
  ])
  for (const [seed, bytes] of got.entries()) {
    assert.equal(bytes.length, BYTES, `the length of answer ${seed}`)
    assert.equal(bytes.compare(content(seed)), 0, `the bytes of answer ${seed}`)
  }
})
