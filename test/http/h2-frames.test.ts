import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:http2'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../src/listen/development-authority.ts'
import { H2, H2_PREFACE, h2Block, h2Frame } from '../costs/peer.ts'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import type { RawHttp } from '../support/http-raw.ts'
import { openRawHttp } from '../support/http-raw.ts'

/** Bodies in frames of one byte: what the library keeps of each is a hundred times its size. */

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

let bench: HttpBench
before(async () => {
  bench = await openHttpBench()
})
after(() => bench.stop())

const END_STREAM = 1
const END_HEADERS = 4

async function open(): Promise<RawHttp> {
  const peer = await openRawHttp({ ...bench, alpn: ['h2'] })
  peer.say(H2_PREFACE)
  return peer
}

function put(stream: number, path: string, token?: string): Buffer {
  const block = h2Block([
    [':method', 'PUT'],
    [':scheme', 'https'],
    [':authority', 'res.localhost'],
    [':path', path],
    ...(token === undefined ? [] : [['authorization', `Bearer ${token}`] as const]),
  ])
  return h2Frame(H2.headers, END_HEADERS, stream, block)
}

function bytewise(stream: number, bytes: Buffer): Buffer {
  return Buffer.concat(
    Array.from(bytes, (byte) => h2Frame(H2.data, 0, stream, Buffer.from([byte]))),
  )
}

const NO_WINDOW = h2Frame(H2.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0]))

test('who has no token, and takes no answer, is kept nothing of', async () => {
  const peer = await open()
  peer.say(NO_WINDOW)
  const streams = Array.from({ length: 20 }, (_, n) => 2 * n + 1)
  for (const stream of streams) peer.say(put(stream, '/allow/echo'))
  await delay(200)
  const memory = () => {
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  const before = memory()
  const body = Buffer.alloc(20_000)
  for (const stream of streams) {
    await new Promise((resolve) => peer.socket.write(bytewise(stream, body), resolve))
  }
  await delay(500)
  const bytes = memory() - before
  peer.destroy()
  assert.ok(bytes < 8_000_000, `${bytes} bytes for ${20 * body.length}`)
})

test('what came while nobody wanted it is there afterwards, whole and once', async () => {
  const peer = await open()
  const body = Buffer.from(Array.from({ length: 60_000 }, (_, n) => n % 251))
  const last = h2Frame(H2.data, END_STREAM, 1, Buffer.alloc(0))
  // All of it is here before there is a connection to the target.
  peer.say(Buffer.concat([put(1, '/allow/echo', 'etl'), bytewise(1, body), last]))
  await peer.until(createHash('sha256').update(body).digest('hex'))
  peer.destroy()
})

test('a body that a slow target keeps waiting arrives whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'h2-frames-'))
  const authority = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
  const [cert, key] = [authority.certificateFile, authority.keyFile].map((file) =>
    readFileSync(file),
  )
  const server = createServer({ cert, key }, (request, response) => {
    const hash = createHash('sha256')
    const read = (): void => {
      const chunk = request.read() as Buffer | null
      if (chunk === null) return
      hash.update(chunk)
      // Long enough for everything on the way to be full.
      setTimeout(read, 5)
    }
    setTimeout(() => request.on('readable', read), 500)
    request.on('end', () => response.end(hash.digest('hex')))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const slow = await openHttpBench({ target: { port, caFile: authority.authorityFile } })
  const session = connect(`https://localhost:${slow.port}`, { ca: slow.ca })
  const stream = session.request({
    ':authority': 'res.localhost',
    ':method': 'PUT',
    ':path': '/allow/echo',
    authorization: 'Bearer etl',
  })
  const body = Buffer.alloc(12_000_000)
  for (let at = 0; at < body.length; at += 4) body.writeUInt32BE(at, at)
  let step = 1
  for (let at = 0; at < body.length; at += step) {
    step = (step * 7 + 13) % 20_011
    const isOpen = stream.write(body.subarray(at, at + step))
    if (!isOpen) await once(stream, 'drain')
  }
  stream.end()
  let heard = ''
  for await (const chunk of stream.setEncoding('utf8')) heard += String(chunk)
  session.destroy()
  await slow.stop()
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true })
  assert.equal(heard, createHash('sha256').update(body).digest('hex'))
})
