import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Debian's packages keep one folder a major version here, and only some programs on the path. */
const VERSIONS = '/usr/lib/postgresql'

/** The folder of the newest server's programs, or undefined where there is no server. */
export function findServerPrograms(): string | undefined {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : []
  const folders = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(VERSIONS, version, 'bin'))
  const onPath = (process.env['PATH'] ?? '').split(':')
  return [...folders, ...onPath].find((folder) =>
    ['initdb', 'postgres'].every((program) => existsSync(join(folder, program))),
  )
}

export function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)))
}

/** For `test(name, { skip: noPostgres() })`: why a real server cannot be had, or false. */
export function noPostgres(): string | false {
  if (findServerPrograms() !== undefined) return false
  return 'needs a PostgreSQL server; install postgresql, then run: npm run pretest'
}

export function noPsql(): string | false {
  return isOnPath('psql') ? false : 'needs psql; install postgresql-client, then: npm run pretest'
}

export interface SystemUser {
  readonly uid: number
  readonly gid: number
}

/** The server refuses to run as root; who to run it as then. */
export function serverUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  const name = ['postgres', 'nobody'].find(userExists)
  if (name === undefined) throw new Error('No user but root to run the PostgreSQL server as.')
  return { uid: userNumber('-u', name), gid: userNumber('-g', name) }
}

function userExists(name: string): boolean {
  try {
    userNumber('-u', name)
    return true
  } catch {
    return false
  }
}

function userNumber(flag: '-u' | '-g', name: string): number {
  return Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }))
}

/** Debian's place for it. */
const JDBC_DRIVER = '/usr/share/java/postgresql.jar'

export function findJdbcDriver(): string | undefined {
  return existsSync(JDBC_DRIVER) ? JDBC_DRIVER : undefined
}
