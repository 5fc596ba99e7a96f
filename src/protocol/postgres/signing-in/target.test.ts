import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { after, before, describe, test } from 'node:test'
import { noPostgres } from '../../../../test/support/postgres-programs.ts'
import type { PostgresOptions, PostgresServer } from '../../../../test/support/postgres-server.ts'
import { startPostgres } from '../../../../test/support/postgres-server.ts'
import { createAuthority } from '../../../listen/certificates.ts'
import { forwardCancel } from './cancel.ts'
import { endPointBinding } from './channel-binding.ts'
import { query } from './handshake-messages.ts'
import { openTargetLine } from './target-line.ts'
import type { TargetConnection, TargetOptions } from './target.ts'
import { connectTarget } from './target.ts'

function optionsFor(server: PostgresServer, more: Partial<TargetOptions> = {}): TargetOptions {
  return {
    address: { host: server.host, port: server.port },
    tls: { mode: 'verify-full', ca: server.caFile },
    database: server.database,
    user: server.user,
    credential: server.password,
    applicationName: 'chaperone/test',
    parameters: {},
    ...more,
  }
}

/** Sends a simple query and returns all that comes up to ReadyForQuery, as text. */
async function ask({ socket }: TargetConnection, sql: string): Promise<string> {
  let heard = ''
  const listen = (chunk: Buffer) => (heard += chunk.toString('latin1'))
  socket.on('data', listen)
  socket.resume()
  socket.write(query(sql))
  while (!heard.slice(0, -1).endsWith('Z\0\0\0\x05')) await once(socket, 'data')
  socket.off('data', listen)
  return heard
}

function serve(options: PostgresOptions) {
  let server: PostgresServer | undefined
  before(async () => (server = await startPostgres(options)))
  after(() => server?.stop())
  return () => server!
}

describe('a target that asks for SCRAM', { skip: noPostgres() }, () => {
  const server = serve({ hba: 'scram', settings: { log_connections: 'on' } })

  test('signs in, bound to the certificate, and reports what it is', async () => {
    const target = await connectTarget(optionsFor(server()))
    assert.ok(target.pid > 0)
    assert.equal(target.parameters.get('client_encoding'), 'UTF8')
    assert.equal(target.parameters.get('standard_conforming_strings'), 'on')
    assert.match(target.parameters.get('server_version') ?? '', /^\d+/)
    assert.equal(target.remainder.length, 0)
    assert.match(await ask(target, 'SHOW application_name'), /chaperone\/test/)
    const encrypted = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'
    assert.ok((await ask(target, encrypted)).includes('\0\x01\0\0\0\x01t'))
    assert.match(await readFile(server().logFile, 'utf8'), /method=scram-sha-256/)
    target.socket.destroy()
  })

  test("what sign-in is bound to is the hash of the server's certificate", async () => {
    const { address, tls } = optionsFor(server())
    const { secured, socket } = await openTargetLine(address, tls, new AbortController().signal)
    assert.ok(secured !== undefined)
    const der = secured.getPeerCertificate().raw
    assert.deepEqual(endPointBinding(secured), createHash('sha256').update(der).digest())
    socket.destroy()
  })

  test('passes the settings on, and its own win', async () => {
    const parameters = {
      statement_timeout: '7s',
      client_encoding: 'LATIN1',
      application_name: 'psql',
    }
    const target = await connectTarget(optionsFor(server(), { parameters }))
    assert.match(await ask(target, 'SHOW statement_timeout'), /7s/)
    assert.equal(target.parameters.get('client_encoding'), 'UTF8')
    assert.equal(target.parameters.get('application_name'), 'chaperone/test')
    target.socket.destroy()
  })

  test('takes on the role, and RESET and DISCARD come back to it', async () => {
    await server().adminQuery('CREATE ROLE "agent_etl-1"; GRANT "agent_etl-1" TO gateway')
    const target = await connectTarget(optionsFor(server(), { role: 'agent_etl-1' }))
    for (const sql of ['SELECT 1', 'RESET ROLE', 'DISCARD ALL', 'RESET ALL']) {
      await ask(target, sql)
      assert.match(await ask(target, 'SELECT current_user'), /agent_etl-1/, sql)
    }
    target.socket.destroy()
  })

  test('refuses, each for its own reason', async () => {
    const wrong: readonly (readonly [Partial<TargetOptions>, string])[] = [
      [{ credential: 'wrong-secret' }, 'TARGET_AUTH'],
      [{ user: 'nobody-here' }, 'TARGET_AUTH'],
      [{ role: 'postgres' }, 'TARGET_AUTH'],
      [{ role: 'not-there' }, 'TARGET_AUTH'],
      [{ database: 'nowhere' }, 'RESOURCE_UNKNOWN'],
      [{ parameters: { statement_timeout: 'soon' } }, 'TARGET_AUTH'],
    ]
    for (const [more, code] of wrong) {
      await assert.rejects(
        connectTarget(optionsFor(server(), more)),
        (error: Error & { code: string }) =>
          error.code === code && !error.message.includes('wrong-secret'),
        JSON.stringify(more),
      )
    }
  })

  test('a password beyond ASCII is prepared as the server prepares it', async () => {
    await server().adminQuery(`CREATE ROLE odd LOGIN PASSWORD 'p\u00e4\u00df\u2168\u00a0\ufb01'`)
    for (const credential of ['p\u00e4\u00df\u2168\u00a0\ufb01', 'pa\u0308\u00dfIX fi']) {
      const target = await connectTarget(optionsFor(server(), { user: 'odd', credential }))
      target.socket.destroy()
    }
  })

  test('databases in another encoding are refused', async () => {
    await server().adminQuery(
      `CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'`,
    )
    const options = optionsFor(server(), { database: 'latin' })
    await assert.rejects(connectTarget(options), { code: 'SQL_ENCODING' })
  })

  test('a role that switches standard_conforming_strings off does not get its way', async () => {
    await server().adminQuery('ALTER ROLE gateway SET standard_conforming_strings = off')
    const target = await connectTarget(optionsFor(server()))
    assert.equal(target.parameters.get('standard_conforming_strings'), 'on')
    target.socket.destroy()
    await server().adminQuery('ALTER ROLE gateway RESET standard_conforming_strings')
  })

  test("modes of TLS mean what libpq's mean", async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'chaperone-ca-'))
    context.after(() => rmSync(folder, { recursive: true }))
    const stranger = join(folder, 'ca.crt')
    const validity = { from_ms: Date.now() - 1000, to_ms: Date.now() + 3_600_000 }
    writeFileSync(stranger, (await createAuthority('stranger', validity)).certificate)
    const ca = server().caFile

    const good: readonly TargetOptions['tls'][] = [
      { mode: 'disable' },
      { mode: 'prefer' },
      { mode: 'require' },
      { mode: 'require', ca },
      { mode: 'verify-ca', ca },
      { mode: 'verify-ca', ca, serverName: 'elsewhere.example' },
      { mode: 'verify-full', ca },
      { mode: 'verify-full', ca, serverName: 'localhost' },
    ]
    for (const tls of good) {
      const target = await connectTarget(optionsFor(server(), { tls }))
      target.socket.destroy()
    }
    const bad: readonly (readonly [TargetOptions['tls'], string])[] = [
      [{ mode: 'verify-ca' }, 'TARGET_TLS'],
      [{ mode: 'verify-full' }, 'TARGET_TLS'],
      [{ mode: 'require', ca: stranger }, 'TARGET_TLS'],
      [{ mode: 'verify-ca', ca: stranger }, 'TARGET_TLS'],
      [{ mode: 'verify-full', ca: stranger }, 'TARGET_TLS'],
      [{ mode: 'verify-full', ca, serverName: 'elsewhere.example' }, 'TARGET_TLS'],
      [{ mode: 'verify-full', ca: join(folder, 'none.crt') }, 'CONFIG_UNREADABLE'],
    ]
    for (const [tls, code] of bad) {
      const connecting = connectTarget(optionsFor(server(), { tls }))
      await assert.rejects(connecting, { code }, JSON.stringify(tls))
    }
  })

  test("a cancel with the target's key reaches the query", async () => {
    const options = optionsFor(server())
    const target = await connectTarget(options)
    const answer = ask(target, 'SELECT pg_sleep(60)')
    await untilRunning(server(), target.pid)
    await forwardCancel({ ...options, pid: target.pid, secret: target.secret })
    assert.match(await answer, /57014/)
    target.socket.destroy()
  })
})

async function untilRunning(server: PostgresServer, pid: number): Promise<void> {
  const sql = `SELECT 1 FROM pg_stat_activity WHERE pid = ${pid} AND wait_event = 'PgSleep'`
  while ((await server.adminQuery(sql)).length === 0) await new Promise(setImmediate)
}

describe('a target that asks for the password itself', { skip: noPostgres() }, () => {
  const server = serve({ hba: 'password' })

  test('gets it over TLS, and where TLS was switched off on this machine', async () => {
    for (const tls of [optionsFor(server()).tls, { mode: 'disable' } as const]) {
      const target = await connectTarget(optionsFor(server(), { tls }))
      target.socket.destroy()
    }
  })

  test('and says no to a wrong one', async () => {
    const options = optionsFor(server(), { credential: 'wrong' })
    await assert.rejects(connectTarget(options), { code: 'TARGET_AUTH' })
  })
})

describe('a target without TLS that asks for the password', { skip: noPostgres() }, () => {
  const server = serve({ hba: 'password', tls: false })

  test('gets it only where plain text was chosen', async () => {
    const modes = [
      ['prefer', 'TARGET_AUTH'],
      ['require', 'TARGET_TLS'],
      ['verify-full', 'TARGET_TLS'],
    ] as const
    for (const [mode, code] of modes) {
      const connecting = connectTarget(optionsFor(server(), { tls: { mode } }))
      await assert.rejects(connecting, { code }, mode)
    }
    const target = await connectTarget(optionsFor(server(), { tls: { mode: 'disable' } }))
    target.socket.destroy()
  })
})

describe('a target that asks for md5', { skip: noPostgres() }, () => {
  const server = serve({ hba: 'md5' })

  test('is refused unless md5 is allowed', async () => {
    await assert.rejects(connectTarget(optionsFor(server())), { code: 'TARGET_AUTH' })
    const target = await connectTarget(optionsFor(server(), { md5: true }))
    target.socket.destroy()
  })
})

describe('a target that trusts everyone', { skip: noPostgres() }, () => {
  const server = serve({ hba: 'trust' })

  test('lets the gateway in without asking', async () => {
    const target = await connectTarget(optionsFor(server()))
    target.socket.destroy()
  })
})

/** A target that answers each thing it hears with the next of `answers`. */
async function impostor(context: TestContext, answers: readonly (Buffer | 'close')[]) {
  const server = createServer((socket: Socket) => {
    const left = [...answers]
    socket.on('error', () => {})
    socket.on('data', () => {
      const answer = left.shift()
      if (answer === 'close') socket.destroy()
      else if (answer !== undefined) socket.write(answer)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  return (server.address() as AddressInfo).port
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}

test('impostors and broken targets', async (context) => {
  const saslOffer = hex('52 00000017 0000000a 534352414d2d5348412d323536 00 00')
  const cases: readonly (readonly [TargetOptions['tls']['mode'], (Buffer | 'close')[], string])[] =
    [
      ['prefer', [Buffer.from('E')], 'TARGET_PROTOCOL'],
      ['require', [Buffer.from('Sx')], 'TARGET_PROTOCOL'],
      ['require', [Buffer.from('S'), 'close'], 'TARGET_TLS'],
      ['require', ['close'], 'TARGET_LOST'],
      ['disable', ['close'], 'TARGET_LOST'],
      ['disable', [hex('52 ffffffff')], 'TARGET_PROTOCOL'],
      ['disable', [hex('52 00000003')], 'TARGET_PROTOCOL'],
      ['disable', [hex('52 00000008 00000002')], 'TARGET_AUTH'],
      ['disable', [hex('52 00000009 00000000 00')], 'TARGET_PROTOCOL'],
      ['disable', [hex('5a 00000005 49')], 'TARGET_PROTOCOL'],
      ['disable', [saslOffer, hex('52 00000008 00000000')], 'TARGET_PROTOCOL'],
      ['disable', [saslOffer, hex('52 00000008 0000000b')], 'TARGET_PROTOCOL'],
      ['disable', [hex('52 00000008 00000003'), saslOffer], 'TARGET_PROTOCOL'],
      ['disable', [hex('52 00000008 00000000 5a 00000005 54')], 'TARGET_PROTOCOL'],
      ['disable', [hex('52 00000008 00000000 5a 00000005 49')], 'SQL_ENCODING'],
      ['disable', [Buffer.from('E\0\0\0\x11C53300\0Mfull\0\0')], 'TARGET_PROTOCOL'],
      ['disable', [Buffer.from('E\0\0\0\x12C53300\0Mfull\0\0')], 'TARGET_UNREACHABLE'],
    ]
  for (const [mode, answers, code] of cases) {
    const port = await impostor(context, answers)
    const connecting = connectTarget({
      address: { host: '127.0.0.1', port },
      tls: { mode },
      database: 'd',
      user: 'u',
      credential: 'the-secret',
      applicationName: 'a',
      parameters: {},
      timeout_ms: 300,
    })
    await assert.rejects(
      connecting,
      (error: Error & { code: string }) =>
        error.code === code && !error.message.includes('the-secret'),
      `${mode} ${answers.map(String).join(' ')}`,
    )
  }
})

test('a target that says nothing, or is not there, is unreachable', async (context) => {
  const port = await impostor(context, [])
  const options = {
    tls: { mode: 'require' },
    database: 'd',
    user: 'u',
    credential: 'c',
    applicationName: 'a',
    parameters: {},
    timeout_ms: 100,
  } as const
  await assert.rejects(connectTarget({ ...options, address: { host: '127.0.0.1', port } }), {
    code: 'TARGET_UNREACHABLE',
  })
  await assert.rejects(connectTarget({ ...options, address: { host: '127.0.0.1', port: 1 } }), {
    code: 'TARGET_UNREACHABLE',
  })
  await assert.rejects(
    connectTarget({ ...options, address: { host: 'no-such-host.invalid', port: 5432 } }),
    { code: 'TARGET_UNREACHABLE' },
  )
})
