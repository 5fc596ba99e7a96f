import { createApi } from '../api/app.ts'
import type { ApiDeps, PolicyReader, RecordReader } from '../api/deps.ts'
import type { ApiServer } from '../api/serve.ts'
import { serveApi } from '../api/serve.ts'
import type { ApprovalService } from '../approval/desk.ts'
import type { Config } from '../config/schema.ts'
import type { Clock } from '../core/clock.ts'
import type { ChaperoneError, Place } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Resource } from '../core/resource.ts'
import { InvalidDocument } from '../document/problems.ts'
import type { TlsPair } from '../listen/tls.ts'
import type { PolicyFolder } from '../policy/load/folder.ts'
import type { Recorder } from '../record/lines/trail.ts'
import type { SessionRegistry } from '../session/registry.ts'
import type { Exposition } from '../telemetry/metrics.ts'
import type { ListenTls, WiredTls } from './certificates.ts'
import type { WiredIdentity } from './identity.ts'

export interface ApiParts {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly recorder: Recorder
  readonly identity: WiredIdentity
  readonly approvals: ApprovalService
  readonly registry: SessionRegistry
  readonly policies: PolicyFolder
  readonly records: RecordReader
  readonly explain: PolicyReader['explain']
  readonly resources: readonly Resource[]
  readonly metrics: Exposition
  readonly health: ApiDeps['health']
  /** Opens the certificate of the door. */
  readonly openTls: (from: ListenTls, onReload: (pair: TlsPair) => void) => Promise<WiredTls>
  readonly baseUrl: string
}

/** The door for people and programs. */
export async function wireApi(parts: ApiParts): Promise<ApiServer> {
  const { config, clock, log, recorder, identity } = parts
  const { humans, providers, gateway } = config.identity
  const { publicUrl } = config.listen.api
  const provider = providers[0]!
  const app = createApi({
    clock,
    log,
    recorder,
    gatekeeper: identity.gatekeeper,
    agents: identity.agents,
    tokens: identity.tokens,
    keys: identity.keys,
    gateway: {
      issuer: gateway.issuer,
      baseUrl: parts.baseUrl,
      ...(publicUrl === undefined ? {} : { publicUrl: parts.baseUrl }),
    },
    approvals: parts.approvals,
    sessions: parts.registry,
    records: parts.records,
    policies: policyReader(parts.policies, parts.explain),
    resources: () => parts.resources,
    health: parts.health,
    ...(humans === undefined
      ? {}
      : { signIn: { issuer: issuerOf(provider), clientId: humans.clientId, scope: humans.scope } }),
    ...(config.listen.metrics === undefined ? { metrics: parts.metrics } : {}),
    bodyBytesMax: config.limits.apiBodyBytesMax,
  })
  const { address, tls } = config.listen.api
  if (tls === 'off') return serveApi(app, address)
  const renewals: ((pair: TlsPair) => void)[] = []
  const wired = await parts.openTls(tls, (pair) => {
    for (const renew of renewals) renew(pair)
  })
  const listening = await serveApi(app, { ...address, tls: served(wired.acceptor.pair()) })
  renewals.push((pair) => listening.renew(served(pair)))
  return {
    ...listening,
    async close(drain_ms) {
      wired.close()
      await listening.close(drain_ms)
    },
  }
}

function served({ certificate, key }: TlsPair): { cert: Buffer; key: Buffer } {
  return { cert: certificate, key }
}

function issuerOf(provider: Config['identity']['providers'][number]): string {
  if (provider.type === 'oidc') return provider.issuer
  return `${provider.authority}/${provider.tenant}/v2.0`
}

function policyReader(folder: PolicyFolder, explain: PolicyReader['explain']): PolicyReader {
  return {
    version: () => folder.current().version,
    list: () =>
      folder.list().map(({ name, document, file, rules }) => ({
        name,
        file: file.slice(file.lastIndexOf('/') + 1),
        rules: rules.map(({ id }) => id),
        ...(document.description === undefined ? {} : { description: document.description }),
      })),
    problems: () => problemsOf(folder.problem()),
    explain,
  }
}

function problemsOf(error: ChaperoneError | undefined) {
  if (error === undefined) return []
  const problems =
    error instanceof InvalidDocument
      ? error.problems
      : [{ message: error.message, place: error.place }]
  return problems.map(({ message, place }) => ({ code: error.code, message, ...spot(place) }))
}

function spot(place: Place | undefined): { file?: string; line?: number; column?: number } {
  if (place === undefined) return {}
  const { file, line, column } = place
  return {
    ...(file === undefined ? {} : { file: file.slice(file.lastIndexOf('/') + 1) }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  }
}
