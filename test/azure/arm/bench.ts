import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ArmEmulator, ArmEmulatorOptions } from '../../../emulator/arm/server.ts'
import { startArmEmulator } from '../../../emulator/arm/server.ts'
import type { EntraEmulator } from '../../../emulator/entra/server.ts'
import { startEntraEmulator } from '../../../emulator/entra/server.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { systemClock } from '../../../src/core/clock.ts'
import type { Log, LogFields } from '../../../src/core/log.ts'
import { createAuthority, issueServerCertificate } from '../../../src/listen/certificates.ts'
import { startGateway } from '../../../src/main/gateway.ts'
import { recordedText } from '../../support/recorded.ts'
import { addApprover } from '../support/approver.ts'

const AUDIENCE = 'api://chaperone-test'
const DAY_MS = 86_400_000
const AGENTS = ['etl-1', 'etl-2'] as const

export type AgentName = (typeof AGENTS)[number]

export interface ArmBenchOptions {
  /** The one policy file; `{approvers}` stands for the id of the group of approvers. */
  readonly policy: string
  readonly emulator?: Pick<ArmEmulatorOptions, 'pageSize' | 'change'>
  /** More YAML in the resource `arm`, as `, key: value`; `{subscription}` stands for the emulator's. */
  readonly arm?: string
}

/** A gateway in front of an emulated Resource Manager and Graph, with Entra as an emulator. */
export interface ArmBench {
  /** `https://127.0.0.1:PORT`. */
  readonly door: string
  readonly api: string
  readonly authorityFile: string
  readonly folder: string
  readonly entra: EntraEmulator
  readonly arm: ArmEmulator
  readonly tenant: string
  readonly log: readonly string[]
  appId(agent?: AgentName): string
  /** The agent's own Entra token, for the gateway. */
  token(agent?: AgentName): Promise<string>
  /** `chaperone --json …` as somebody of the approvers. */
  approver(...words: readonly string[]): Promise<unknown>
  /** What the API gives for a token, by RFC 8693. */
  exchange(token: string, type: string): Promise<string>
  /** A gateway token for a scope, by the endpoint of AD FS; what it complains of where it refuses. */
  login(scope: string, assertion?: string): Promise<string>
  /** The code of a refusal. */
  codeOf(path: string, token: string): Promise<string>
  records(): Promise<string>
  stop(): Promise<void>
}

export async function startArmBench(options: ArmBenchOptions): Promise<ArmBench> {
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
  { policy, emulator = {}, arm: more = '' }: ArmBenchOptions,
  undo: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<ArmBench> {
  const folder = await mkdtemp(join(tmpdir(), 'chaperone-arm-'))
  undo.push(() => rm(folder, { recursive: true, force: true }))
  const tls = await certify(folder)
  const entra = await startEntraEmulator()
  undo.push(() => entra.close())
  const arm = await startArmEmulator({ entra, tls, ...emulator })
  undo.push(() => arm.close())
  const { approvers, humans, approve } = addApprover(entra, AUDIENCE)
  const apps = new Map(AGENTS.map((name) => [name, entra.addApp({ name })]))

  await mkdir(join(folder, 'policies'))
  await writeFile(join(folder, 'policies', 'p.yaml'), policy.replaceAll('{approvers}', approvers))
  await writeFile(join(folder, 'agents.yaml'), agentsText(entra, apps))
  const target = (audience: string) =>
    entra.issueToken({ kind: 'app', version: 1, audience, appId: 'gateway' })
  process.env['CHAPERONE_TEST_ARM'] = await target('https://management.azure.com')
  process.env['CHAPERONE_TEST_GRAPH'] = await target('https://graph.microsoft.com')
  const configFile = join(folder, 'chaperone.yaml')
  await writeFile(
    configFile,
    configText({
      entra,
      arm,
      folder,
      humans,
      more: more.replace('{subscription}', arm.subscription),
    }),
  )
  const log: string[] = []
  const gateway = await startGateway(loadConfig(configFile), {
    clock: systemClock,
    log: logInto(log),
  })
  undo.push(() => gateway.close())

  const ca = readFileSync(gateway.authorityFile!, 'utf8')
  const token = (agent: AgentName = 'etl-1') => {
    const { objectId, clientId: appId } = appOf(agent)
    return entra.issueToken({ kind: 'app', audience: AUDIENCE, objectId, appId })
  }
  const appOf = (agent: AgentName) => apps.get(agent)!
  const api = `https://127.0.0.1:${gateway.apiPort}`
  return {
    door: `https://127.0.0.1:${gateway.httpPort}`,
    api,
    authorityFile: gateway.authorityFile!,
    folder,
    entra,
    arm,
    tenant: entra.tenant,
    log,
    appId: (agent = 'etl-1') => appOf(agent).clientId,
    token,
    async exchange(subject, type) {
      const { access_token } = await ask(`${api}/v1/token`, ca, {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: subject,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        requested_token_type: type,
      })
      return String(access_token)
    },
    async login(scope, assertion) {
      const answer = await ask(`${api}/adfs/oauth2/token`, ca, {
        grant_type: 'client_credentials',
        client_id: appOf('etl-1').clientId,
        client_assertion: assertion ?? (await token()),
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        scope,
      })
      return String(answer['access_token'] ?? answer['error_description'])
    },
    async codeOf(path, bearer) {
      const door = `https://127.0.0.1:${gateway.httpPort}`
      const { error } = await ask(`${door}${path}`, ca, undefined, bearer)
      return String((error as { code?: string } | undefined)?.code)
    },
    approver: (...words) => approve({ api, authorityFile: gateway.authorityFile!, folder }, words),
    records: () => recordedText(join(folder, 'records')),
    stop,
  }
}

/** A certificate for the emulator; what signed it lies in `target-ca.crt`. */
async function certify(folder: string) {
  const now_ms = systemClock.now_ms()
  const validity = { from_ms: now_ms - DAY_MS, to_ms: now_ms + DAY_MS }
  const authority = await createAuthority('target', validity)
  const { certificate, key } = await issueServerCertificate(authority, ['127.0.0.1'], validity)
  await writeFile(join(folder, 'target-ca.crt'), authority.certificate)
  return { cert: certificate, key }
}

function agentsText(
  { tenant }: EntraEmulator,
  apps: ReadonlyMap<string, { readonly objectId: string; readonly clientId: string }>,
): string {
  return [...apps]
    .map(([name, { objectId, clientId }]) => {
      const ids = `tenant: ${tenant}, objectId: ${objectId}, appId: ${clientId}`
      return `- { name: ${name}, ${ids}, owner: owner@example.com, purpose: testing }\n`
    })
    .join('')
}

function configText(parts: {
  readonly entra: EntraEmulator
  readonly arm: ArmEmulator
  readonly folder: string
  readonly humans: string
  readonly more: string
}): string {
  const { entra, arm, folder, humans, more } = parts
  const target = `address: '${arm.url.slice('https://'.length)}', tls: { ca: ${folder}/target-ca.crt }`
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
  - { name: arm, type: azure-arm, ${target}, credential: { from: environment, variable: CHAPERONE_TEST_ARM }${more} }
  - { name: graph, type: microsoft-graph, ${target}, credential: { from: environment, variable: CHAPERONE_TEST_GRAPH } }
records: { folder: records, freeBytesMin: 1MiB }
limits: { drainTimeout: 1s }
`
}

function logInto(lines: string[]): Log {
  const logger = (level: string) => (event: string, fields?: LogFields) => {
    lines.push(`${level} ${event} ${JSON.stringify(fields ?? {})}`)
  }
  const [debug, info, warn, error] = ['debug', 'info', 'warn', 'error'].map(logger)
  return { debug: debug!, info: info!, warn: warn!, error: error! }
}

/** A request with a private authority: fetch has no way to be told of one. */
function ask(
  url: string,
  ca: string,
  form?: Record<string, string>,
  bearer?: string,
): Promise<Record<string, unknown>> {
  const headers = {
    ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
  }
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: form === undefined ? 'GET' : 'POST', ca, headers },
      (answer) => {
        text(answer).then((body) => resolve(JSON.parse(body) as Record<string, unknown>), reject)
      },
    )
    sent.on('error', reject)
    sent.end(form === undefined ? undefined : new URLSearchParams(form).toString())
  })
}

/** The PEM of what signed the gateway's certificate. */
export function authorityOf({ authorityFile }: ArmBench): string {
  return readFileSync(authorityFile, 'utf8')
}
