import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isOnPath, serverUser } from '../test/support/postgres-programs.ts'
import type { PostgresServer } from '../test/support/postgres-server.ts'
import type { Child } from './child.ts'
import { freePort, startServer } from './child.ts'

export interface Between {
  readonly port: number
  readonly child: Child
}

const APT = 'apt-get'

/** Debian's package, once it is there; else the reason why it is not. */
export function ensureInstalled(program: string, name: string = program): true | string {
  if (isThere(program)) return true
  if (!isOnPath(APT) || process.getuid?.() !== 0) {
    return `${name} is not installed, and only root on Debian can install it from here`
  }
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const aptGet = (...words: string[]) =>
    spawnSync(APT, [...words, '-q'], { env: environment, stdio: 'ignore' }).status === 0
  const install = () => aptGet('install', '-y', '--no-install-recommends', name)
  if (!install() && aptGet('update')) install()
  return isThere(program) ? true : `apt-get could not install ${name}`
}

function isThere(name: string): boolean {
  return isOnPath(name) || existsSync(`/usr/sbin/${name}`)
}

function programPath(name: string): string {
  const system = `/usr/sbin/${name}`
  return existsSync(system) ? system : name
}

/** Session pooling: as the others, one client has one server connection for as long as it stays. */
export async function startPgbouncer(folder: string, server: PostgresServer): Promise<Between> {
  const port = await freePort()
  const users = join(folder, 'pgbouncer-users.txt')
  await writeFile(users, `"${server.user}" ""\n`, { mode: 0o644 })
  const file = join(folder, 'pgbouncer.ini')
  await writeFile(
    file,
    `[databases]
* = host=${server.host} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
pool_mode = session
default_pool_size = 100
max_client_conn = 1000
ignore_startup_parameters = extra_float_digits
`,
    { mode: 0o644 },
  )
  return {
    port,
    child: await startServer([programPath('pgbouncer'), '-q', file], port, serverUser()),
  }
}

/** A relay of a few lines: what this runtime costs before a gateway does anything. */
export async function startRelay(_folder: string, server: PostgresServer): Promise<Between> {
  const port = await freePort()
  const program = join(import.meta.dirname, 'relay.ts')
  const command = [process.execPath, program, String(port), String(server.port)]
  return { port, child: await startServer(command, port) }
}

export async function startHaproxy(folder: string, server: PostgresServer): Promise<Between> {
  const port = await freePort()
  const file = join(folder, 'haproxy.cfg')
  await writeFile(
    file,
    `global
  maxconn 4000
defaults
  mode tcp
  timeout connect 5s
  timeout client 10m
  timeout server 10m
frontend client
  bind 127.0.0.1:${port}
  default_backend server
backend server
  server one ${server.host}:${server.port}
`,
  )
  return { port, child: await startServer([programPath('haproxy'), '-q', '-db', '-f', file], port) }
}
