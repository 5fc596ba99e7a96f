import { randomBytes } from 'node:crypto'
import { createMetricsApp } from '../api/app.ts'
import { serveApi } from '../api/serve.ts'
import { createApprovals } from '../approval/desk.ts'
import { createWebhooks } from '../approval/webhooks/webhooks.ts'
import { createRecordReader } from '../audit/records.ts'
import { loadConfig } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import { readSecret } from '../config/secret.ts'
import type { SteadyClock } from '../core/clock.ts'
import { systemClock } from '../core/clock.ts'
import { ChaperoneError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { TlsAcceptor, TlsPair } from '../listen/tls.ts'
import { openPolicyFolder } from '../policy/load/folder.ts'
import { openRecorder } from '../record/recorder.ts'
import type { RecordIo } from '../record/segments/io.ts'
import type { SessionHost } from '../session/governed.ts'
import { createSessionRegistry, SWEEP_EVERY_ms } from '../session/registry.ts'
import { createMemory } from '../session/shares.ts'
import { loadParser } from '../sql/postgres/parse/parser.ts'
import { createAgentStore } from '../store/agent-store.ts'
import { createOrigin } from '../store/origin.ts'
import { openStore } from '../store/sqlite.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { readAgents } from './agent-files.ts'
import { wireApi } from './api.ts'
import type { ListenTls } from './certificates.ts'
import { wireTls } from './certificates.ts'
import { openExplain } from './explain.ts'
import { openHooks } from './hooks.ts'
import { wireHttp } from './http.ts'
import { wireIdentity } from './identity.ts'
import { wireLoop } from './loop.ts'
import { restoreRevocations } from './lost-state.ts'
import { warnOfOpenFiles } from './open-files.ts'
import { wirePostgres } from './postgres.ts'
import { reloadAll, reloadChecks } from './reload.ts'
import { onReloadSignal, untilSignal } from './signals.ts'
import type { Undo } from './undo.ts'
import { createUndo } from './undo.ts'
import { VERSION } from './version.ts'

/** A gateway that is running. */
export interface Gateway {
  readonly postgresPort: number
  readonly apiPort: number
  /** Where a resource of an HTTP API is configured. */
  readonly httpPort?: number
  /** What clients must trust, where a development authority made the certificate. */
  readonly authorityFile?: string
  /** Takes over policies, agents and certificates from their files, as `serve` does at SIGHUP. */
  reload(): Promise<void>
  /** Stops as `serve` does at a signal. */
  close(): Promise<void>
}

export interface GatewayEnvironment {
  readonly clock: SteadyClock
  readonly log: Log
  /** For tests that let the disk of the records fail. */
  readonly recordIo?: RecordIo
}

/** `chaperone serve`: runs until a signal, then stops in order. */
export async function serve(configFile: string): Promise<void> {
  const config = loadConfig(configFile)
  const log = createLog({
    ...config.log,
    colour: process.stderr.isTTY,
    write: (line) => process.stderr.write(line),
    clock: systemClock,
  })
  const gateway = await startGateway(config, { clock: systemClock, log })
  onReloadSignal(() => gateway.reload(), log)
  const signal = await untilSignal()
  log.info('gateway.stopping', { signal })
  await gateway.close()
  log.info('gateway.stopped')
}

/**
 * Wires everything, in the order in which it must be there: records before whatever is recorded,
 * what a former run left open before any door, doors last.
 */
export async function startGateway(
  config: Config,
  environment: GatewayEnvironment,
): Promise<Gateway> {
  const undo = createUndo()
  try {
    return await wire(config, environment, undo)
  } catch (error) {
    // A gateway that has not started holds no door, no lock and no process open.
    await undo.run()
    throw error
  }
}

async function wire(
  config: Config,
  { clock, log, recordIo }: GatewayEnvironment,
  undo: Undo,
): Promise<Gateway> {
  warnOfOpenFiles(config.limits.connectionsMax, log)
  await loadParser()
  const metrics = createMetrics({ processMetrics: true })
  const recorder = openRecorder({
    folder: config.records.folder,
    clock,
    log,
    gatewayVersion: VERSION,
    sync: config.records.sync,
    freeBytesMin: config.records.freeBytesMin,
    segmentBytesMax: config.records.segmentBytes,
    perAgent: {
      burst: config.limits.recordBurstPerAgent,
      perSecond: config.limits.recordBytesPerAgentPerSecond,
    },
    written: (seconds) => metrics.recordWritten(seconds),
    faulted: (failing) => metrics.recordFault(failing),
    ...(recordIo === undefined ? {} : { io: recordIo }),
  })
  undo.add(() => recorder.close())
  const store = openStore(config.state.file)
  undo.add(() => store.close())
  const records = createRecordReader({
    folder: config.records.folder,
    clock,
    damaged: ({ code, place }) =>
      log.error('records.damaged', { code, file: place?.file, line: place?.line }),
  })
  const restored = await restoreRevocations({
    origin: createOrigin(store),
    agents: createAgentStore(store),
    records,
    declared: readAgents(config.agents.files),
    log,
  })
  if (restored !== undefined) metrics.stateLost(clock.now_ms())
  const registry = createSessionRegistry(clock, {
    sessionsMax: config.limits.connectionsMax,
    sessionsPerAgentMax: config.limits.sessionsPerAgentMax,
  })
  const hooks = openHooks({ clock, log, recorder, metrics })
  const policies = await openPolicyFolder({
    folder: config.policies.folder,
    log,
    onChange(set) {
      metrics.policyLoaded(set.version, clock.now_ms())
      hooks.policyChanged(set.version)
      registry.policyChanged()
    },
    onAlarm: () => metrics.policyReloadFailed(clock.now_ms()),
  })
  undo.add(() => policies.close())
  metrics.policyLoaded(policies.current().version, clock.now_ms())
  const identity = wireIdentity(config, store, clock, hooks, log)
  const apiUrl = apiUrlOf(config)
  const webhooks = createWebhooks({
    receivers: config.approvals.webhooks.map((one) => ({ ...one, secret: readSecret(one.secret) })),
    link: `${apiUrl}/v1/approvals`,
    clock,
    log,
  })
  undo.add(() => webhooks.close())
  const approvals = createApprovals({
    store,
    clock,
    recorder,
    notify: webhooks,
    log,
    limits: { pendingPerAgentMax: config.limits.holdsPerAgentMax },
  })
  await approvals.recover()
  // Two listeners, for neither may depend on the other.
  identity.agents.onRevoked((agent) => approvals.revokeAgent(agent.name))
  identity.agents.onRevoked((agent, why) => {
    registry.end((one) => one.agent === agent.name, 'SESSION_REVOKED', `The agent was ${why}.`)
  })

  const memory = createMemory({
    bytesMax: config.limits.memoryMax,
    perHolderMax: config.limits.memoryPerAgentMax,
  })
  metrics.memoryHeld('agents', () => memory.agents.total)
  metrics.memoryHeld('strangers', () => memory.strangers.total)
  const loop = wireLoop(clock, log, metrics)
  undo.add(() => loop.close())
  const host: SessionHost = {
    clock,
    recorder,
    approvals,
    registry,
    metrics,
    memory,
    turns: loop.turns,
    policies: () => policies.current(),
  }
  const certificates: TlsAcceptor[] = []
  const openTls = async (from: ListenTls, onReload: (pair: TlsPair) => void = () => {}) => {
    const wired = await wireTls(from, config, clock, log, onReload)
    certificates.push(wired.acceptor)
    return wired
  }
  const tls = await openTls(config.listen.postgres.tls)
  const keys = { hashKey: hashKeyOf(config, log) }
  undo.add(() => tls.close())
  const postgres = await wirePostgres({
    config,
    clock,
    log,
    host,
    gatekeeper: identity.gatekeeper,
    tls: tls.acceptor,
    keys,
    refused: hooks.sessionRefused,
  })
  undo.add(() => postgres.listener.destroyConnections())
  undo.add(() => postgres.listener.close())
  const http = await wireHttp({
    config,
    clock,
    log,
    host,
    gatekeeper: identity.gatekeeper,
    tls: () =>
      config.listen.http.tls === config.listen.postgres.tls
        ? Promise.resolve({ ...tls, close() {} })
        : openTls(config.listen.http.tls),
    keys,
    baseUrl: apiUrl,
    refused: hooks.sessionRefused,
  })
  identity.agents.onRevoked((agent) => http.forget(agent.name))
  undo.add(() => http.close())
  undo.add(() => http.stop())
  const resources = [...postgres.resources, ...http.resources]
  const reloadable = { policies, agents: identity.agentFiles, certificates }
  let draining = false
  const api = await wireApi({
    config,
    clock,
    log,
    recorder,
    identity,
    approvals,
    registry,
    policies,
    records,
    explain: openExplain({
      config,
      clock,
      agents: identity.agents,
      resources,
      views: postgres.views,
      policies: () => policies.current(),
    }),
    resources,
    metrics: metrics.exposition,
    health: () => [
      { name: 'records', state: recorder.fault === undefined ? 'ok' : 'failed' },
      { name: 'state', state: restored === undefined ? 'ok' : 'degraded' },
      loop.check(),
      ...reloadChecks(reloadable),
      { name: 'draining', state: draining ? 'failed' : 'ok' },
    ],
    openTls,
    baseUrl: apiUrl,
  })
  undo.add(() => api.close(0))
  const metricsServer =
    config.listen.metrics === undefined
      ? undefined
      : await serveApi(createMetricsApp(metrics.exposition), config.listen.metrics.address)
  const sweep = setInterval(() => registry.sweep(), SWEEP_EVERY_ms)
  hooks.started(restored)
  log.info('gateway.started', {
    postgres: `${postgres.listener.host}:${postgres.listener.port}`,
    ...(http.listener === undefined ? {} : { http: `${http.listener.host}:${http.listener.port}` }),
    api: `${config.listen.api.address.host}:${api.port}`,
    policies: policies.list().length,
    version: policies.current().version,
  })

  async function close(): Promise<void> {
    const drain_ms = config.limits.drainTimeout
    draining = true
    postgres.listener.close()
    http.stop()
    approvals.closeAll('shutdown')
    await registry.drain(drain_ms, 'SHUTTING_DOWN', 'The gateway is stopping.')
    await api.close(drain_ms)
    await metricsServer?.close(drain_ms)
    await webhooks.close()
    clearInterval(sweep)
    loop.close()
    policies.close()
    tls.close()
    hooks.stopped()
    await recorder.close()
    store.close()
    postgres.listener.destroyConnections()
    http.close()
  }
  return {
    postgresPort: postgres.listener.port,
    apiPort: api.port,
    ...(http.listener === undefined ? {} : { httpPort: http.listener.port }),
    ...(tls.authorityFile === undefined ? {} : { authorityFile: tls.authorityFile }),
    reload: () => reloadAll(reloadable, log),
    close,
  }
}

function apiUrlOf({ listen }: Config): string {
  if (listen.api.publicUrl !== undefined) return listen.api.publicUrl.replace(/(?<!\/)\/+$/, '')
  const { host, port } = listen.api.address
  return `${listen.api.tls === 'off' ? 'http' : 'https'}://${host}:${port}`
}

const HASH_KEY_BYTES_MIN = 32

/** Without a key of its own the `hash` masker gives other values after each start. */
function hashKeyOf(config: Config, log: Log): Buffer {
  const reference = config.mask.hashKey
  if (reference === undefined) {
    log.info('mask.hash-key-random', { hint: 'set mask.hashKey to keep hashes stable' })
    return randomBytes(HASH_KEY_BYTES_MIN)
  }
  const key = Buffer.from(readSecret(reference))
  if (key.length >= HASH_KEY_BYTES_MIN) return key
  throw new ChaperoneError('CONFIG_INVALID', 'The key of the hash masker is too short.', {
    hint: `Give it at least ${HASH_KEY_BYTES_MIN} random bytes.`,
  })
}
