import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { EntraEmulator, EntraEmulatorOptions } from '../../emulator/entra/server.ts'
import { startEntraEmulator } from '../../emulator/entra/server.ts'
import { loadConfig } from '../../src/config/load.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { Log, LogFields } from '../../src/core/log.ts'
import type { Gateway, GatewayEnvironment } from '../../src/main/gateway.ts'
import { startGateway } from '../../src/main/gateway.ts'
import { AUDIENCE, CLI_CLIENT, configText } from './gateway-config.ts'
import type { GatewayProcess } from './gateway-process.ts'
import { startGatewayProcess } from './gateway-process.ts'
import type { PostgresOptions, PostgresServer } from './postgres-server.ts'
import { startPostgres } from './postgres-server.ts'
import { runCli } from './run-cli.ts'

export interface BenchOptions {
  /** Files of the policy folder, by name. `{dba}` stands for the id of the group dba. */
  readonly policies: Readonly<Record<string, string>>
  /** SQL that the superuser runs before the gateway starts; `gateway` is the role of the target. */
  readonly schema: string
  readonly postgres?: PostgresOptions
  /** More YAML at the top level of the configuration. */
  readonly config?: string
  /** More YAML in the resource, or behind it; a function is told where the target is. */
  readonly resource?: string | ((server: PostgresServer) => string)
  /** More YAML in the identity provider, as `key: value`. */
  readonly provider?: string
  /** More YAML of the PostgreSQL door, as `key: value`. */
  readonly door?: string
  /** More YAML of records, as `key: value`. */
  readonly records?: string
  /** Where its files go, in a folder of their own; default the system's temporary folder. */
  readonly parent?: string
  /** Run it as a process of its own, which can be killed and started again. */
  readonly asProcess?: boolean
  /** More variables for that process. */
  readonly environment?: Readonly<Record<string, string>>
  /** Put between the gateway and its target. */
  readonly between?: (server: PostgresServer) => Promise<Between>
  readonly entra?: EntraEmulatorOptions
  /** For a gateway in this process: another clock, another disk. */
  readonly inside?: Partial<Omit<GatewayEnvironment, 'log'>>
}

/** Something that the gateway takes for its target. */
export interface Between {
  readonly port: number
  close(): Promise<void>
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
  personToken(who: Person): Promise<string>
  /** A node-postgres client, not connected yet. */
  client(options?: ClientOptions): Promise<pg.Client>
  /** Environment for libpq programs. */
  environment(agent?: string): Promise<Record<string, string>>
  /** `chaperone --json …` as a person. */
  chaperone(who: Person, ...words: readonly string[]): Promise<unknown>
  /** Asks the API without a token. */
  get(path: string): Promise<{ readonly status: number }>
  /** Puts other policies in force. */
  setPolicy(file: string, text: string): Promise<void>
  /** Starts it again on the same files, after it was killed or closed; for `asProcess`. */
  restart(killAfter_ms?: number): Promise<GatewayProcess>
  stop(): Promise<void>
}

export interface ClientOptions extends pg.ClientConfig {
  readonly agent?: string
}

type Person = 'approver' | 'second' | 'admin' | 'auditor'

const AGENTS = ['etl-1', 'etl-2', 'reporter']

/** What was started is stopped again when a later step fails. */
export async function startBench(options: BenchOptions): Promise<Bench> {
  const undo: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (let last = undo.pop(); last !== undefined; last = undo.pop()) await last()
  }
  try {
    return await build(options, undo, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function build(
  options: BenchOptions,
  undo: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Bench> {
  const server = await startPostgres(options.postgres)
  undo.push(() => server.stop())
  await server.adminQuery(options.schema)
  const between = await options.between?.(server)
  undo.push(async () => between?.close())
  const { clock } = options.inside ?? {}
  const entra = await startEntraEmulator({
    ...(clock === undefined ? {} : { clock }),
    ...options.entra,
  })
  undo.push(() => entra.close())
  const folder = await mkdtemp(join(options.parent ?? tmpdir(), 'chaperone-bench-'))
  undo.push(() => rm(folder, { recursive: true, force: true }))

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
  const address = { host: server.host, port: between?.port ?? server.port }
  const { provider, config, records, door } = options
  const resource =
    typeof options.resource === 'function' ? options.resource(server) : options.resource
  const text = configText({
    server,
    address,
    entra,
    dba,
    door,
    provider,
    records,
    resource,
    config,
  })
  const log: string[] = []
  const configFile = join(folder, 'chaperone.yaml')
  await writeFile(configFile, text)
  let gateway: Gateway = options.asProcess
    ? await startGatewayProcess(configFile, log, options.environment)
    : await startGateway(loadConfig(configFile), {
        clock: systemClock,
        ...options.inside,
        log: logInto(log),
      })
  undo.push(() => gateway.close())

  const caFile = gateway.authorityFile!
  const token = (agent = 'etl-1') => {
    const { objectId, clientId } = apps.get(agent)!
    return entra.issueToken({ kind: 'app', audience: AUDIENCE, objectId, appId: clientId })
  }
  const personToken = (who: Person) => {
    const { objectId, name, groups, roles } = people[who]
    const claims = { objectId, name, groups, roles, appId: CLI_CLIENT }
    return entra.issueToken({ kind: 'user', audience: AUDIENCE, ...claims })
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
      const environment = {
        CHAPERONE_API: `https://127.0.0.1:${gateway.apiPort}`,
        CHAPERONE_CA: caFile,
        CHAPERONE_TOKEN: await personToken(who),
        CHAPERONE_TEST_TARGET_PASSWORD: server.password,
      }
      return JSON.parse(await runCli(words, environment, folder)) as unknown
    },
    get: (path) => get(`https://127.0.0.1:${gateway.apiPort}${path}`, readFileSync(caFile)),
    setPolicy,
    async restart(killAfter_ms) {
      const { environment } = options
      const started = await startGatewayProcess(configFile, log, environment, killAfter_ms)
      gateway = started
      return started
    },
    stop,
  }
}

function logInto(lines: string[]): Log {
  const logger = (level: string) => (event: string, fields?: LogFields) => {
    lines.push(`${level} ${event} ${JSON.stringify(fields ?? {})}`)
  }
  return {
    debug: logger('debug'),
    info: logger('info'),
    warn: logger('warn'),
    error: logger('error'),
  }
}

async function get(url: string, ca: Buffer): Promise<{ readonly status: number }> {
  const asked = request(url, { ca, agent: false }).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  answer.resume()
  return { status: answer.statusCode ?? 0 }
}
