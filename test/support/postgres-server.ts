import type { ChildProcess } from 'node:child_process'
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, closeSync, openSync, rmSync } from 'node:fs'
import { appendFile, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { QueryResult } from 'pg'
import { Client } from 'pg'
import { createAuthority, issueServerCertificate } from '../../src/listen/certificates.ts'
import type { SystemUser } from './postgres-programs.ts'
import { findServerPrograms, serverUser } from './postgres-programs.ts'

export interface PostgresOptions {
  /** Default true. */
  readonly tls?: boolean
  /** How clients over TCP sign in; `password` asks for it in clear, as Azure does. Default `scram`. */
  readonly hba?: 'scram' | 'password' | 'md5' | 'trust'
  /** More lines for postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A real server with an empty database, on loopback. */
export interface PostgresServer {
  readonly host: string
  readonly port: number
  readonly database: string
  /** Owns the database; no superuser. */
  readonly user: string
  readonly password: string
  /** PEM of the authority that signed the server's certificate, for localhost, 127.0.0.1 and ::1. */
  readonly caFile: string
  /** Every statement is in it, after `application=…`. */
  readonly logFile: string
  /** Runs SQL as the superuser, in `database`. */
  adminQuery(sql: string): Promise<Record<string, unknown>[]>
  stop(): Promise<void>
}

const HOST = '127.0.0.1'
const DATABASE = 'sales'
const USER = 'gateway'
const START_MS = 30_000
const STOP_MS = 10_000
const HOUR_MS = 3_600_000

const run = promisify(execFile)

/** Takes about two seconds. The data lives in a temporary folder that `stop` removes. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  for (let tries = 1; ; tries++) {
    try {
      return await startOnFreePort(options)
    } catch (error) {
      // Others look for free ports, too, and may have taken the one that was found.
      if (tries === TRIES_MAX || !String(error).includes('Address already in use')) throw error
    }
  }
}

const TRIES_MAX = 5

async function startOnFreePort(options: PostgresOptions): Promise<PostgresServer> {
  const programs = findServerPrograms()
  if (programs === undefined) throw new Error('No PostgreSQL server; guard with noPostgres().')
  const user = serverUser()
  const folder = await mkdtemp(join(tmpdir(), 'chaperone-postgres-'))
  try {
    if (user !== undefined) await chown(folder, user.uid, user.gid)
    const port = await freePort()
    await prepare(folder, programs, port, user, options)
    return await start(folder, programs, port, user)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function prepare(
  folder: string,
  programs: string,
  port: number,
  user: SystemUser | undefined,
  options: PostgresOptions,
): Promise<void> {
  const data = join(folder, 'data')
  const flags = ['-U', 'postgres', '-E', 'UTF8', '--locale=C', '--auth=trust', '--no-sync']
  const env = { PATH: process.env['PATH'], LC_ALL: 'C' }
  await run(join(programs, 'initdb'), ['-D', data, ...flags], { ...user, cwd: folder, env })
  await writeCertificates(folder, user)
  const method = options.hba ?? 'scram'
  const hba = `local all all trust\nhost all all 127.0.0.1/32 ${METHODS[method]}\n`
  await writeFile(join(data, 'pg_hba.conf'), hba)
  await appendFile(join(data, 'postgresql.conf'), settings(folder, port, method, options))
}

const METHODS = { scram: 'scram-sha-256', password: 'password', md5: 'md5', trust: 'trust' }

function settings(
  folder: string,
  port: number,
  method: keyof typeof METHODS,
  options: PostgresOptions,
): string {
  const all: Record<string, string> = {
    listen_addresses: HOST,
    port: String(port),
    unix_socket_directories: folder,
    ssl: options.tls === false ? 'off' : 'on',
    ssl_cert_file: join(folder, 'server.crt'),
    ssl_key_file: join(folder, 'server.key'),
    password_encryption: method === 'md5' ? 'md5' : 'scram-sha-256',
    log_statement: 'all',
    log_line_prefix: '%m [%p] application=%a ',
    fsync: 'off',
    shared_buffers: '16MB',
    max_connections: '60',
    ...options.settings,
  }
  return Object.entries(all)
    .map(([name, value]) => `${name} = '${value}'\n`)
    .join('')
}

async function writeCertificates(folder: string, user: SystemUser | undefined): Promise<void> {
  const now_ms = Date.now()
  const validity = { from_ms: now_ms - HOUR_MS, to_ms: now_ms + 24 * HOUR_MS }
  const authority = await createAuthority('test target authority', validity)
  const names = ['localhost', HOST, '::1']
  const server = await issueServerCertificate(authority, names, validity)
  await writeFile(join(folder, 'ca.crt'), authority.certificate)
  await writeFile(join(folder, 'server.crt'), server.certificate)
  await writeFile(join(folder, 'server.key'), server.key, { mode: 0o600 })
  if (user !== undefined) chownSync(join(folder, 'server.key'), user.uid, user.gid)
}

async function start(
  folder: string,
  programs: string,
  port: number,
  user: SystemUser | undefined,
): Promise<PostgresServer> {
  const logFile = join(folder, 'server.log')
  const log = openSync(logFile, 'a')
  const child = spawn(join(programs, 'postgres'), ['-D', join(folder, 'data')], {
    ...user,
    cwd: folder,
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  // Also when a test crashes: no process and no folder stays behind.
  const killAtExit = () => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', killAtExit)

  const stop = async () => {
    await stopProcess(child)
    process.off('exit', killAtExit)
    await rm(folder, { recursive: true, force: true })
  }
  const query = (sql: string, database: string) => adminQuery(folder, port, sql, database)
  try {
    await untilReady(child, () => query('SELECT 1', 'postgres'))
    const password = randomBytes(12).toString('hex')
    await query(`CREATE ROLE ${USER} LOGIN PASSWORD '${password}'`, 'postgres')
    await query(`CREATE DATABASE ${DATABASE} OWNER ${USER}`, 'postgres')
    return {
      host: HOST,
      port,
      database: DATABASE,
      user: USER,
      password,
      caFile: join(folder, 'ca.crt'),
      logFile,
      adminQuery: (sql) => query(sql, DATABASE),
      stop,
    }
  } catch (error) {
    const told = await readFile(logFile, 'utf8')
    await stop()
    throw new Error(`The PostgreSQL server did not start:\n${told}`, { cause: error })
  }
}

async function untilReady(child: ChildProcess, probe: () => Promise<unknown>): Promise<void> {
  for (const until_ms = Date.now() + START_MS; ; await delay(25)) {
    try {
      await probe()
      return
    } catch (error) {
      if (child.exitCode !== null || Date.now() > until_ms) throw error
    }
  }
}

/** Fast shutdown, then the hard way. */
async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGINT')
  const harder = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await exited
  clearTimeout(harder)
}

async function adminQuery(
  folder: string,
  port: number,
  sql: string,
  database: string,
): Promise<Record<string, unknown>[]> {
  const client = new Client({ host: folder, port, user: 'postgres', database })
  await client.connect()
  try {
    const result = (await client.query(sql)) as QueryResult | QueryResult[]
    const last = Array.isArray(result) ? result.at(-1) : result
    return (last?.rows ?? []) as Record<string, unknown>[]
  } finally {
    await client.end()
  }
}
