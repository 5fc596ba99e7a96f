import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { connect } from 'node:tls'
import type { Log } from '../core/log.ts'
import { silentLog } from '../core/log.ts'
import { createAuthority, issueServerCertificate } from './certificates.ts'
import { openDevelopmentAuthority } from './development-authority.ts'
import type { TlsAcceptor } from './tls.ts'
import { openTls } from './tls.ts'

const DAY_MS = 86_400_000

function movableClock() {
  let now_ms = Date.now()
  return { now_ms: () => now_ms, move: (by_ms: number) => (now_ms += by_ms) }
}

function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'chaperone-tls-'))
  context.after(() => rmSync(folder, { recursive: true }))
  return folder
}

async function writePair(folder: string, name: string, days = 1) {
  const now_ms = Date.now()
  const validity = { from_ms: now_ms - 2 * DAY_MS, to_ms: now_ms + days * DAY_MS }
  const authority = await createAuthority('test', { ...validity, to_ms: now_ms + DAY_MS })
  const { certificate, key } = await issueServerCertificate(authority, [name], validity)
  const files = {
    certificateFile: join(folder, 'server.crt'),
    keyFile: join(folder, 'server.key'),
  }
  writeFileSync(files.certificateFile, certificate)
  writeFileSync(files.keyFile, key)
  return files
}

/** The certificate that a client is shown. */
async function shown(context: TestContext, tls: TlsAcceptor, options: object = {}) {
  const server = createServer((socket) => {
    const accepted = tls.accept(socket, ['postgresql'], new AbortController().signal)
    accepted.then(
      (secured) => secured.end(),
      () => {},
    )
  }).listen(0, '127.0.0.1')
  context.after(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client: TLSSocket = connect({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...options,
  })
  await once(client, 'secureConnect')
  const { subjectaltname } = client.getPeerCertificate()
  client.destroy()
  return subjectaltname
}

test('new files are taken over; bad ones keep the old pair and raise one alarm', async (context) => {
  const folder = temporaryFolder(context)
  const alarms: string[] = []
  const log: Log = { ...silentLog, error: (event) => alarms.push(event) }
  const files = await writePair(folder, 'one.example')
  const tls = await openTls({ ...files, log, clock: movableClock(), poll_ms: 3_600_000 })
  context.after(() => tls.close())
  assert.equal(await tls.reload(), false)
  assert.equal(await shown(context, tls), 'DNS:one.example')

  await writePair(folder, 'two.example')
  assert.equal(await tls.reload(), true)
  assert.equal(await shown(context, tls), 'DNS:two.example')

  const good = readFileSync(files.keyFile)
  await writePair(folder, 'three.example')
  writeFileSync(files.keyFile, good)
  assert.equal(await tls.reload(), false)
  assert.equal(await tls.reload(), false)
  assert.deepEqual(alarms, ['tls.reload-failed'])
  await writePair(folder, 'expired.example', -1)
  assert.equal(await tls.reload(), false)
  rmSync(files.certificateFile)
  assert.equal(await tls.reload(), false)
  assert.equal(alarms.length, 3)
  assert.equal(await shown(context, tls), 'DNS:two.example')
})

test('a change of the files is noticed without being told', async (context) => {
  const folder = temporaryFolder(context)
  const files = await writePair(folder, 'one.example')
  const heard: Promise<void> = new Promise((resolve, reject) => {
    const log: Log = { ...silentLog, info: () => resolve() }
    openTls({ ...files, log, clock: movableClock(), poll_ms: 5 }).then(async (tls) => {
      context.after(() => tls.close())
      await writePair(folder, 'two.example')
    }, reject)
  })
  const alive = setInterval(() => {}, 1_000)
  await heard
  clearInterval(alive)
})

test('a first pair that is not good stops the start', async (context) => {
  const folder = temporaryFolder(context)
  const missing = { certificateFile: join(folder, 'a'), keyFile: join(folder, 'b') }
  const more = { log: silentLog, clock: movableClock() }
  await assert.rejects(openTls({ ...missing, ...more }), { code: 'CONFIG_UNREADABLE' })
  const expired = await writePair(folder, 'old.example', -1)
  await assert.rejects(openTls({ ...expired, ...more }), { code: 'CONFIG_INVALID' })
  writeFileSync(expired.keyFile, 'no key')
  await assert.rejects(openTls({ ...expired, ...more }), { code: 'CONFIG_INVALID' })
})

test('versions below 1.2 and foreign protocols are turned away', async (context) => {
  const files = await writePair(temporaryFolder(context), 'one.example')
  const tls = await openTls({ ...files, log: silentLog, clock: movableClock() })
  context.after(() => tls.close())
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
  await assert.rejects(shown(context, tls, old))
  await assert.rejects(shown(context, tls, { ALPNProtocols: ['http/1.1'] }))
  assert.equal(await shown(context, tls, { ALPNProtocols: ['postgresql'] }), 'DNS:one.example')
})

test('the development authority is made once, used again, and renewed in time', async (context) => {
  const folder = join(temporaryFolder(context), 'tls')
  const clock = movableClock()
  const told: string[] = []
  const log: Log = { ...silentLog, warn: (event) => told.push(event), info: (e) => told.push(e) }
  const open = () =>
    openDevelopmentAuthority({ folder, clock, log, names: ['gw.example', 'sales-db.localhost'] })
  const read = () =>
    [files.authorityFile, files.certificateFile].map((f) => readFileSync(f, 'utf8'))

  const files = await open()
  assert.deepEqual(told, [
    'tls.development-authority-created',
    'tls.development-certificate-issued',
  ])
  const [authority, server] = read().map((text) => new X509Certificate(text))
  assert.ok(authority!.ca)
  assert.ok(!server!.ca)
  assert.ok(server!.checkIssued(authority!) && server!.verify(authority!.publicKey))
  for (const name of ['localhost', 'sales-db.localhost', 'gw.example']) {
    assert.ok(server!.checkHost(name) !== undefined, name)
  }
  for (const address of ['127.0.0.1', '::1']) assert.ok(server!.checkIP(address) !== undefined)
  for (const key of ['ca.key', 'server.key']) {
    assert.equal(statSync(join(folder, key)).mode & 0o777, 0o600)
  }

  const before = read()
  await open()
  assert.deepEqual(read(), before)
  clock.move(61 * DAY_MS)
  await files.renewWhenDue()
  assert.equal(read()[0], before[0])
  assert.notEqual(read()[1], before[1])
  clock.move(3_600 * DAY_MS)
  await files.renewWhenDue()
  assert.notEqual(read()[0], before[0])
  const again = read().map((text) => new X509Certificate(text))
  assert.ok(again[1]!.verify(again[0]!.publicKey))
})

test('a folder that cannot be written is CONFIG_UNREADABLE', async (context) => {
  const folder = join(temporaryFolder(context), 'file')
  writeFileSync(folder, '')
  const options = { folder: join(folder, 'tls'), clock: movableClock(), log: silentLog }
  await assert.rejects(openDevelopmentAuthority(options), { code: 'CONFIG_UNREADABLE' })
})
