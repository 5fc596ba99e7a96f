import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer as createPlainServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { createServer } from 'node:tls'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../src/listen/development-authority.ts'
import { dialSecure } from '../../src/upstream/dial-secure.ts'

let folder: string
let ca: string
let said = Buffer.alloc(0)
const open: Server[] = []
const secure = createServer((socket) => void socket.on('error', () => {}).write(said))
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dial-secure-'))
  const authority = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
  const { certificateFile, keyFile } = authority
  secure.setSecureContext({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) })
  ca = authority.authorityFile
})
after(async () => {
  for (const server of open) server.close()
  await rm(folder, { recursive: true, force: true })
})

async function listening(server: Server): Promise<number> {
  if (!server.listening) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    open.push(server)
  }
  return (server.address() as AddressInfo).port
}

interface Wish {
  readonly host?: string
  readonly ca?: string
  readonly signal?: AbortSignal
}

async function dialled(server: Server, wish: Wish = {}): Promise<TLSSocket> {
  const address = { host: wish.host ?? '127.0.0.1', port: await listening(server) }
  const tls = { mode: 'verify-full', ca: wish.ca ?? ca } as const
  return dialSecure(address, tls, ['http/1.1'], wish.signal ?? new AbortController().signal)
}

test('reads into one memory, in order, and not while it is paused', async () => {
  said = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251))
  const socket = await dialled(secure)
  const pieces: Buffer[] = []
  const memories = new Set<ArrayBufferLike>()
  let isPaused = false
  let bytes = 0
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      memories.add(chunk.buffer)
      pieces.push(Buffer.from(chunk))
      bytes += chunk.length
      if (bytes === said.length) resolve()
      if (isPaused || bytes === said.length) return
      // What one read of the network brought still comes; then nothing does.
      isPaused = true
      socket.pause()
      setImmediate(() => {
        const before = bytes
        setImmediate(() => {
          assert.equal(bytes, before)
          isPaused = false
          socket.resume()
        })
      })
    })
    socket.resume()
  })
  socket.destroy()
  assert.equal(Buffer.concat(pieces).compare(said), 0)
  assert.equal(memories.size, 1)
})

test('a target that nobody trusts, or that is another, is refused', async () => {
  said = Buffer.alloc(0)
  const other = await mkdtemp(join(tmpdir(), 'dial-secure-'))
  const stranger = await openDevelopmentAuthority({
    folder: other,
    clock: systemClock,
    log: silentLog,
  })
  await assert.rejects(dialled(secure, { ca: stranger.authorityFile }), { code: 'TARGET_TLS' })
  await assert.rejects(dialled(secure, { host: '127.0.0.2' }), { code: 'TARGET_UNREACHABLE' })
  await rm(other, { recursive: true, force: true })
})

test('what speaks no TLS is refused, at once or when it hangs up', async () => {
  for (const answer of ['HTTP/1.1 400 Bad Request\r\n\r\n', '']) {
    const plain = createPlainServer((socket: Socket) => {
      socket.on('error', () => {}).on('data', () => {})
      socket.end(answer)
    })
    await assert.rejects(dialled(plain), { code: 'TARGET_TLS' })
  }
})

test('an authority that cannot be read, and a signal, stop it', async () => {
  const none = join(folder, 'none.crt')
  await assert.rejects(dialled(secure, { ca: none }), { code: 'CONFIG_UNREADABLE' })
  const reason = new Error('enough')
  await assert.rejects(dialled(secure, { signal: AbortSignal.abort(reason) }), reason)
  const silent = createPlainServer((socket: Socket) => void socket.on('error', () => {}))
  const controller = new AbortController()
  silent.once('connection', () => controller.abort(reason))
  await assert.rejects(dialled(silent, { signal: controller.signal }), reason)
})

test('what comes before anybody listens closes the connection', async () => {
  said = Buffer.from('unasked')
  const socket = await dialled(secure)
  socket.resume()
  await once(socket, 'close')
  assert.ok(socket.destroyed)
})
