import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { EntraEmulator } from '../../emulator/entra/server.ts'
import { startEntraEmulator } from '../../emulator/entra/server.ts'
import { run } from '../../src/cli/program.ts'
import { loadConfig } from '../../src/config/load.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { LogFields } from '../../src/core/log.ts'
import type { Gateway } from '../../src/main.ts'
import { startGateway } from '../../src/main.ts'
import type { GatewayProcess } from './gateway-process.ts'
import { startGatewayProcess } from './gateway-process.ts'
import type { PostgresOptions, PostgresServer } from './postgres-server.ts'
import { startPostgres } from './postgres-server.ts'

export const AUDIENCE = 'api://chaperone-test'
const CLI_CLIENT = '5f1d9e0a-5d2c-4c57-9a53-3d7c5a1b0c11'

export interface BenchOptions {
  /** Files of the policy folder, by name. `{dba}` stands for the id of the group dba. */
  readonly policies: Readonly<Record<string, string>>
  /** SQL that the superuser runs before the gateway starts; `gateway` is the role of the target. */
  readonly schema: string
  readonly postgres?: PostgresOptions
  /** More YAML at the top level of the configuration. */
  readonly config?: string
  /** More YAML in the resource. */
  readonly resource?: string
  /** Run it as a process of its own, which can be killed and started again. */
  readonly asProcess?: boolean
}

/** A gateway with everything real around it, but for Entra, which is an emulator. */
export interface Bench {
  readonly gateway: Gateway
  readonly server: PostgresServer
  readonly entra: EntraEmulator
  readonly folder: string
  readonly dba: string
  /** Everything that the gateway logged. */
  readonly log: readonly string[]
  /** A fresh Entra token of a registered agent. */
  token(agent?: string): Promise<string>
  personToken(who: 'approver' | 'second' | 'admin' | 'auditor'): Promise<string>
  /** A node-postgres client, not connected yet. */
  client(options?: ClientOptions): Promise<pg.Client>
  /** Environment for libpq programs. */
  environment(agent?: string): Promise<Record<string, string>>
  /** `chaperone --json …` as a person. */
  chaperone(
    who: 'approver' | 'second' | 'admin' | 'auditor',
    ...words: readonly string[]
  ): Promise<unknown>
  /** Puts other policies in force. */
  setPolicy(file: string, text: string): Promise<void>
  /** Starts it again on the same files, after it was killed or closed; for `asProcess`. */
  restart(): Promise<GatewayProcess>
  stop(): Promise<void>
}

export interface ClientOptions extends pg.ClientConfig {
  readonly agent?: string
}

const AGENTS = ['etl-1', 'etl-2', 'reporter']

export async function startBench(options: BenchOptions): Promise<Bench> {
  const server = await startPostgres(options.postgres)
  await server.adminQuery(options.schema)
  const entra = await startEntraEmulator()
  const folder = await mkdtemp(join(tmpdir(), 'chaperone-bench-'))
  const dba = entra.addGroup('dba').id
  const apps = new Map(AGENTS.map((name) => [name, entra.addApp({ name })]))
  const people = {
    approver: entra.addUser({ name: 'Ann Approver', groups: [dba] }),
    second: entra.addUser({ name: 'Sam Second', groups: [dba] }),
    admin: entra.addUser({ name: 'Ada Admin', roles: ['Chaperone.Admin'] }),
    auditor: entra.addUser({ name: 'Otto Auditor', roles: ['Chaperone.Auditor'] }),
  }
  await mkdir(join(folder, 'policies'))
  const setPolicy = (file: string, text: string) =>
    writeFile(join(folder, 'policies', file), text.replaceAll('{dba}', dba))
  for (const [file, text] of Object.entries(options.policies)) await setPolicy(file, text)
  await writeFile(
    join(folder, 'agents.yaml'),
    AGENTS.map((name) => {
      const app = apps.get(name)!
      return `- { name: ${name}, tenant: ${entra.tenant}, objectId: ${app.objectId}, appId: ${app.clientId}, owner: owner@example.com, purpose: testing }\n`
    }).join(''),
  )
  process.env['CHAPERONE_TEST_TARGET_PASSWORD'] = server.password
  const text = configText(options, server, entra, dba)
  const log: string[] = []
  const logger = (level: string) => (event: string, fields?: LogFields) => {
    log.push(`${level} ${event} ${JSON.stringify(fields ?? {})}`)
  }
  const configFile = join(folder, 'chaperone.yaml')
  await writeFile(configFile, text)
  let gateway: Gateway = options.asProcess
    ? await startGatewayProcess(configFile, log)
    : await startGateway(loadConfig(configFile), {
        clock: systemClock,
        log: {
          debug: logger('debug'),
          info: logger('info'),
          warn: logger('warn'),
          error: logger('error'),
        },
      })
  const caFile = gateway.authorityFile!
  const token = (agent = 'etl-1') => {
    const { objectId, clientId } = apps.get(agent)!
    return entra.issueToken({ kind: 'app', audience: AUDIENCE, objectId, appId: clientId })
  }
  const personToken: Bench['personToken'] = (who) => {
    const { objectId, name, groups, roles } = people[who]
    return entra.issueToken({
      kind: 'user',
      audience: AUDIENCE,
      appId: CLI_CLIENT,
      objectId,
      name,
      groups,
      roles,
    })
  }
  return {
    get gateway() {
      return gateway
    },
    server,
    entra,
    folder,
    dba,
    log,
    token,
    personToken,
    async client({ agent, ...config } = {}) {
      return new pg.Client({
        host: '127.0.0.1',
        port: gateway.postgresPort,
        user: 'agent',
        database: server.database,
        password: await token(agent),
        ssl: { ca: readFileSync(caFile, 'utf8') },
        ...config,
      })
    },
    async environment(agent) {
      return {
        PATH: process.env['PATH'] ?? '',
        PGHOST: '127.0.0.1',
        PGPORT: String(gateway.postgresPort),
        PGUSER: 'agent',
        PGDATABASE: server.database,
        PGSSLMODE: 'verify-full',
        PGSSLROOTCERT: caFile,
        PGCONNECT_TIMEOUT: '20',
        PGPASSWORD: await token(agent),
      }
    },
    async chaperone(who, ...words) {
      let out = ''
      let err = ''
      const code = await run(['--json', ...words], {
        out: { write: (line) => void (out += line), colour: false },
        err: { write: (line) => void (err += line), colour: false },
        environment: {
          CHAPERONE_API: `https://127.0.0.1:${gateway.apiPort}`,
          CHAPERONE_CA: caFile,
          CHAPERONE_TOKEN: await personToken(who),
        },
        folder,
        clock: systemClock,
        readInput: () => Promise.resolve(''),
        ask: undefined,
        sleep: () => Promise.resolve(),
      })
      if (code !== 0) throw new Error(`chaperone ${words.join(' ')} (${code}): ${out}${err}`)
      return JSON.parse(out) as unknown
    },
    setPolicy,
    async restart() {
      const started = await startGatewayProcess(configFile, log)
      gateway = started
      return started
    },
    async stop() {
      await gateway.close()
      await entra.close()
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function configText(
  options: BenchOptions,
  server: PostgresServer,
  entra: EntraEmulator,
  dba: string,
): string {
  return `
listen:
  postgres: { address: '127.0.0.1:0', tls: { developmentAuthority: true } }
  api: { address: '127.0.0.1:0' }
identity:
  providers:
    - { type: entra, tenant: ${entra.tenant}, audience: '${AUDIENCE}', authority: '${entra.url}', graph: '${entra.graphUrl}' }
  humans:
    clientId: ${CLI_CLIENT}
    scope: ${AUDIENCE}/.default
    roles:
      admin: { roles: [Chaperone.Admin] }
      approver: { groups: [${dba}] }
      reviewer: {}
      auditor: { roles: [Chaperone.Auditor] }
agents: { files: [agents.yaml] }
resources:
  - name: sales-db
    type: postgres
    address: ${server.host}:${server.port}
    database: ${server.database}
    tls: { mode: verify-full, ca: ${server.caFile} }
    credential: { username: ${server.user}, from: environment, variable: CHAPERONE_TEST_TARGET_PASSWORD }
${options.resource ?? ''}
records: { folder: records, freeBytesMin: 1MiB }
${options.config ?? 'limits: { drainTimeout: 2s }'}
`
}
