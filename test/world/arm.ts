import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ArmEmulator, ArmEmulatorOptions } from '../../emulator/arm/server.ts'
import { startArmEmulator } from '../../emulator/arm/server.ts'
import type { EntraEmulator } from '../../emulator/entra/server.ts'
import { systemClock } from '../../src/core/clock.ts'
import { createAuthority, issueServerCertificate } from '../../src/listen/certificates.ts'
import type { Foundations } from './world.ts'
import { startWorld } from './world.ts'

const DAY_MS = 86_400_000
export interface ArmWorldOptions {
  /** The one policy file; `{dba}` stands for the id of the group that approves. */
  readonly policy: string
  readonly emulator?: Pick<ArmEmulatorOptions, 'pageSize' | 'change'>
  /** More YAML in the resource `arm`, as `, key: value`; `{subscription}` stands for the emulator's. */
  readonly arm?: string
}

/** A gateway in front of an emulated Resource Manager and Graph, with Entra as an emulator. */
export interface ArmWorld {
  /** `https://127.0.0.1:PORT`. */
  readonly door: string
  readonly api: string
  readonly authorityFile: string
  readonly folder: string
  readonly entra: EntraEmulator
  readonly arm: ArmEmulator
  readonly tenant: string
  readonly log: readonly string[]
  appId(agent?: string): string
  /** The agent's own Entra token, for the gateway. */
  token(agent?: string): Promise<string>
  /** `chaperone --json …` as somebody who approves. */
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

export async function startArmWorld(options: ArmWorldOptions): Promise<ArmWorld> {
  let arm: ArmEmulator | undefined
  const world = await startWorld({
    policies: { 'p.yaml': options.policy },
    async resources(foundations) {
      const tls = await certify(foundations.folder)
      arm = await startArmEmulator({ entra: foundations.entra, tls, ...options.emulator })
      foundations.onStop(() => arm!.close())
      return resourcesText(foundations, arm, options.arm ?? '')
    },
  })
  const { gateway, entra, folder, log } = world
  const ca = readFileSync(gateway.authorityFile!, 'utf8')
  const api = `https://127.0.0.1:${gateway.apiPort}`
  const door = `https://127.0.0.1:${gateway.httpPort}`
  return {
    door,
    api,
    authorityFile: gateway.authorityFile!,
    folder,
    entra,
    arm: arm!,
    tenant: entra.tenant,
    log,
    appId: (agent) => world.appOf(agent).clientId,
    token: (agent) => world.token(agent),
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
        client_id: world.appOf().clientId,
        client_assertion: assertion ?? (await world.token()),
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        scope,
      })
      return String(answer['access_token'] ?? answer['error_description'])
    },
    async codeOf(path, bearer) {
      const { error } = await ask(`${door}${path}`, ca, undefined, bearer)
      return String((error as { code?: string } | undefined)?.code)
    },
    approver: (...words) => world.chaperone('lead', ...words),
    records: () => world.recordedText(),
    stop: () => world.stop(),
  }
}

/** Resource Manager and Graph, which are one emulator, with a token for each. */
async function resourcesText(
  { entra, folder }: Foundations,
  arm: ArmEmulator,
  more: string,
): Promise<string> {
  const token = (audience: string) =>
    entra.issueToken({ kind: 'app', version: 1, audience, appId: 'gateway' })
  process.env['CHAPERONE_TEST_ARM'] = await token('https://management.azure.com')
  process.env['CHAPERONE_TEST_GRAPH'] = await token('https://graph.microsoft.com')
  const target = `address: '${arm.url.slice('https://'.length)}', tls: { ca: ${folder}/target-ca.crt }`
  const own = more.replace('{subscription}', arm.subscription)
  return `  - { name: arm, type: azure-arm, ${target}, credential: { from: environment, variable: CHAPERONE_TEST_ARM }${own} }
  - { name: graph, type: microsoft-graph, ${target}, credential: { from: environment, variable: CHAPERONE_TEST_GRAPH } }`
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
export function authorityOf({ authorityFile }: ArmWorld): string {
  return readFileSync(authorityFile, 'utf8')
}
