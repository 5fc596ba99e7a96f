import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EntraEmulator, EntraEmulatorOptions } from '../../emulator/entra/server.ts'
import { startEntraEmulator } from '../../emulator/entra/server.ts'
import { loadConfig } from '../../src/config/load.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { Log, LogFields } from '../../src/core/log.ts'
import type { Gateway, GatewayEnvironment } from '../../src/main/gateway.ts'
import { startGateway } from '../../src/main/gateway.ts'
import { recordedText } from '../support/recorded.ts'
import { runCli } from '../support/run-cli.ts'
import { AUDIENCE, CLI_CLIENT, configText } from './config.ts'
import type { GatewayProcess } from './process.ts'
import { startGatewayProcess } from './process.ts'

export interface WorldOptions {
  /** Files of the policy folder, by name. `{dba}` stands for the id of the group that approves. */
  readonly policies: Readonly<Record<string, string>>
  /** YAML of the resources, as list entries. */
  readonly resources: string | ((world: Foundations) => string | Promise<string>)
  /** Secrets that the resources name, by variable. */
  readonly secrets?: Readonly<Record<string, string>>
  /** More YAML at the top level of the configuration. */
  readonly config?: string | undefined
  /** More YAML in the identity provider, as `key: value`. */
  readonly provider?: string | undefined
  /** More YAML of the PostgreSQL door, as `key: value`. */
  readonly door?: string | undefined
  /** More YAML of records, as `key: value`. */
  readonly records?: string | undefined
  /** Where its files go, in a folder of their own; default the system's temporary folder. */
  readonly parent?: string | undefined
  /** Run it as a process of its own, which can be killed and started again. */
  readonly asProcess?: boolean | undefined
  /** More variables for that process. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  readonly entra?: EntraEmulatorOptions | undefined
  /** For a gateway in this process: another clock, another disk. */
  readonly inside?: Partial<Omit<GatewayEnvironment, 'log'>> | undefined
}

/** What is there before the gateway is. */
export interface Foundations {
  readonly entra: EntraEmulator
  readonly folder: string
  /** Undone when the world stops, the last first. */
  onStop(this: void, undo: () => Promise<unknown>): void
}

/** A gateway with agents, people and policies around it; of Entra there is an emulator. */
export interface World {
  readonly gateway: Gateway & { readonly pid?: number }
  readonly entra: EntraEmulator
  readonly folder: string
  /** The id of the group that approves. */
  readonly dba: string
  /** Everything that the gateway logged. */
  readonly log: readonly string[]
  appOf(agent?: string): { readonly objectId: string; readonly clientId: string }
  /** A fresh Entra token of a registered agent. */
  token(agent?: string): Promise<string>
  personToken(who: Person): Promise<string>
  /** `chaperone --json …` as a person. */
  chaperone(who: Person, ...words: readonly string[]): Promise<unknown>
  /** Puts other policies in force. */
  setPolicy(file: string, text: string): Promise<void>
  /** Everything that was recorded so far, as text. */
  recordedText(): Promise<string>
  /** Starts it again on the same files, after it was killed or closed; for `asProcess`. */
  restart(killAfter_ms?: number): Promise<GatewayProcess>
  stop(): Promise<void>
}

const AGENTS = ['etl-1', 'etl-2', 'reporter']

/** `lead` approves and administers; of the others each has one role. */
export type Person = 'approver' | 'second' | 'admin' | 'auditor' | 'lead'

/** What was started is stopped again when a later step fails. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const undo: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (let last = undo.pop(); last !== undefined; last = undo.pop()) await last()
  }
  try {
    return await build(options, (one) => void undo.push(one), stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function build(
  options: WorldOptions,
  onStop: Foundations['onStop'],
  stop: () => Promise<void>,
): Promise<World> {
  const { clock } = options.inside ?? {}
  const entra = await startEntraEmulator({
    ...(clock === undefined ? {} : { clock }),
    ...options.entra,
  })
  onStop(() => entra.close())
  const folder = await mkdtemp(join(options.parent ?? tmpdir(), 'chaperone-world-'))
  onStop(() => rm(folder, { recursive: true, force: true }))

  const dba = entra.addGroup('dba').id
  const apps = new Map(AGENTS.map((name) => [name, entra.addApp({ name })]))
  const people = addPeople(entra, dba)
  await mkdir(join(folder, 'policies'))
  const setPolicy = (file: string, text: string) =>
    writeFile(join(folder, 'policies', file), text.replaceAll('{dba}', dba))
  for (const [file, text] of Object.entries(options.policies)) await setPolicy(file, text)
  await writeFile(join(folder, 'agents.yaml'), [...apps].map(agentText(entra.tenant)).join(''))
  const { resources, environment } = options
  const list =
    typeof resources === 'string' ? resources : await resources({ entra, folder, onStop })
  Object.assign(process.env, options.secrets)
  const configFile = join(folder, 'chaperone.yaml')
  await writeFile(configFile, configText({ ...options, entra, dba, resources: list }))
  const log: string[] = []
  let gateway: World['gateway'] = options.asProcess
    ? await startGatewayProcess(configFile, log, environment)
    : await startGateway(loadConfig(configFile), {
        clock: systemClock,
        ...options.inside,
        log: logInto(log),
      })
  onStop(() => gateway.close())

  const appOf = (agent = 'etl-1') => apps.get(agent)!
  const personToken = (who: Person) => {
    const { objectId, name, groups, roles } = people[who]
    const claims = { objectId, name, groups, roles, appId: CLI_CLIENT }
    return entra.issueToken({ kind: 'user', audience: AUDIENCE, ...claims })
  }
  return {
    get gateway() {
      return gateway
    },
    entra,
    folder,
    dba,
    log,
    appOf,
    token(agent) {
      const { objectId, clientId } = appOf(agent)
      return entra.issueToken({ kind: 'app', audience: AUDIENCE, objectId, appId: clientId })
    },
    personToken,
    async chaperone(who, ...words) {
      const variables = {
        CHAPERONE_API: `https://127.0.0.1:${gateway.apiPort}`,
        CHAPERONE_CA: gateway.authorityFile!,
        CHAPERONE_TOKEN: await personToken(who),
        ...options.secrets,
      }
      return JSON.parse(await runCli(words, variables, folder)) as unknown
    },
    setPolicy,
    recordedText: () => recordedText(join(folder, 'records')),
    async restart(killAfter_ms) {
      const started = await startGatewayProcess(configFile, log, environment, killAfter_ms)
      gateway = started
      return started
    },
    stop,
  }
}

function addPeople(entra: EntraEmulator, dba: string) {
  return {
    approver: entra.addUser({ name: 'Ann Approver', groups: [dba] }),
    second: entra.addUser({ name: 'Sam Second', groups: [dba] }),
    admin: entra.addUser({ name: 'Ada Admin', roles: ['Chaperone.Admin'] }),
    auditor: entra.addUser({ name: 'Otto Auditor', roles: ['Chaperone.Auditor'] }),
    lead: entra.addUser({ name: 'Lea Lead', groups: [dba], roles: ['Chaperone.Admin'] }),
  }
}

function agentText(tenant: string) {
  return ([name, { objectId, clientId }]: readonly [string, ReturnType<World['appOf']>]) =>
    `- { name: ${name}, tenant: ${tenant}, objectId: ${objectId}, appId: ${clientId}, owner: owner@example.com, purpose: testing }\n`
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
