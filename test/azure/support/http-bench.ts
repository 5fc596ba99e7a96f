import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EntraEmulator } from '../../../emulator/entra/server.ts'
import { startEntraEmulator } from '../../../emulator/entra/server.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { systemClock } from '../../../src/core/clock.ts'
import type { Log, LogFields } from '../../../src/core/log.ts'
import type { Gateway } from '../../../src/main/gateway.ts'
import { startGateway } from '../../../src/main/gateway.ts'
import { startGatewayProcess } from '../../support/gateway-process.ts'
import { recordedText } from '../../support/recorded.ts'
import { addApprover } from './approver.ts'

const AUDIENCE = 'api://chaperone-test'
const AGENT = 'etl-1'
/** Little room for garbage, so that what grows is what is kept. */
const SMALL_HEAP = { NODE_OPTIONS: '--max-old-space-size=128' }
/** The SDKs ask for no other token before. */
const FAR = 4_000_000_000_000

export interface HttpBenchOptions {
  /** YAML of the resources, as list entries; a function where targets need the emulated Entra. */
  readonly resources: string | ((entra: EntraEmulator) => Promise<string>)
  /** The one policy file; `{approvers}` stands for the id of the group of approvers. */
  readonly policy: string
  /** Secrets that the configuration names, by variable. */
  readonly environment?: Readonly<Record<string, string>>
  /** Run it as a process of its own, whose memory can be looked at. */
  readonly asProcess?: boolean
}

/** A gateway with an HTTP door in this process, and Entra as an emulator. */
export interface HttpBench {
  readonly port: number
  /** Of the gateway, where it is a process of its own. */
  readonly pid: number | undefined
  readonly apiPort: number
  /** PEM of what clients trust. */
  readonly authority: string
  readonly authorityFile: string
  readonly folder: string
  readonly entra: EntraEmulator
  /** Of the agent's registration in Entra. */
  readonly clientId: string
  readonly log: readonly string[]
  /** The agent's Entra token for the gateway. */
  token(): Promise<string>
  /** A credential as the SDKs take them: the same token for whatever they ask. */
  readonly credential: {
    getToken(): Promise<{ token: string; expiresOnTimestamp: number }>
  }
  /** Everything that was recorded so far, as text. */
  records(): Promise<string>
  setPolicy(text: string): Promise<void>
  /** `chaperone --json …` as somebody of the approvers. */
  approver(...words: readonly string[]): Promise<unknown>
  stop(): Promise<void>
}

export async function startHttpBench(options: HttpBenchOptions): Promise<HttpBench> {
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
  { resources, policy, environment = {}, asProcess = false }: HttpBenchOptions,
  undo: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<HttpBench> {
  const entra = await startEntraEmulator()
  undo.push(() => entra.close())
  const folder = await mkdtemp(join(tmpdir(), 'chaperone-http-'))
  undo.push(() => rm(folder, { recursive: true, force: true }))
  const app = entra.addApp({ name: AGENT })
  await mkdir(join(folder, 'policies'))
  const { approvers, humans, approve } = addApprover(entra, AUDIENCE)
  const policyFile = join(folder, 'policies', 'policy.yaml')
  const setPolicy = (text: string) =>
    writeFile(policyFile, text.replaceAll('{approvers}', approvers))
  await setPolicy(policy)
  await writeFile(
    join(folder, 'agents.yaml'),
    `- { name: ${AGENT}, tenant: ${entra.tenant}, objectId: ${app.objectId}, appId: ${app.clientId}, owner: owner@example.com, purpose: testing }\n`,
  )
  Object.assign(process.env, environment)
  const configFile = join(folder, 'chaperone.yaml')
  const list = typeof resources === 'string' ? resources : await resources(entra)
  await writeFile(configFile, configText(entra, humans, list))
  const log: string[] = []
  const gateway: Gateway & { readonly pid?: number } = asProcess
    ? await startGatewayProcess(configFile, log, SMALL_HEAP)
    : await startGateway(loadConfig(configFile), { clock: systemClock, log: logInto(log) })
  undo.push(() => gateway.close())
  const token = () =>
    entra.issueToken({
      kind: 'app',
      audience: AUDIENCE,
      objectId: app.objectId,
      appId: app.clientId,
    })
  const kept = await token()
  return {
    port: gateway.httpPort!,
    pid: gateway.pid,
    apiPort: gateway.apiPort,
    authority: readFileSync(gateway.authorityFile!, 'utf8'),
    authorityFile: gateway.authorityFile!,
    folder,
    entra,
    clientId: app.clientId,
    log,
    token,
    credential: {
      getToken: () => Promise.resolve({ token: kept, expiresOnTimestamp: FAR }),
    },
    records: () => recordedText(join(folder, 'records')),
    setPolicy,
    approver(...words) {
      const api = `https://127.0.0.1:${gateway.apiPort}`
      return approve({ api, authorityFile: gateway.authorityFile!, folder }, words)
    },
    stop,
  }
}

function configText(entra: EntraEmulator, humans: string, resources: string): string {
  return `
listen:
  postgres: { address: '127.0.0.1:0', tls: { developmentAuthority: true } }
  http: { address: '127.0.0.1:0' }
  api: { address: '127.0.0.1:0' }
identity:
  providers:
    - { type: entra, tenant: ${entra.tenant}, audience: '${AUDIENCE}', authority: '${entra.url}', graph: '${entra.graphUrl}' }
${humans}
agents: { files: [agents.yaml] }
resources:
${resources}
records: { folder: records, freeBytesMin: 1MiB }
limits: { drainTimeout: 2s }
`
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
