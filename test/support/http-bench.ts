import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApprovalOutcome, ApprovalRequest, Approvals } from '../../src/approval/approvals.ts'
import type { SteadyClock } from '../../src/core/clock.ts'
import { systemClock } from '../../src/core/clock.ts'
import { ChaperoneError } from '../../src/core/errors.ts'
import { silentLog } from '../../src/core/log.ts'
import type { Operation } from '../../src/core/operation.ts'
import type { Principal } from '../../src/core/principal.ts'
import type { Obligations, Verdict } from '../../src/core/verdict.ts'
import { NO_OBLIGATIONS } from '../../src/core/verdict.ts'
import { openDevelopmentAuthority } from '../../src/listen/development-authority.ts'
import { listenTcp } from '../../src/listen/tcp.ts'
import { openTls } from '../../src/listen/tls.ts'
import type { PolicySet } from '../../src/policy/ruleset.ts'
import type { HttpApi, TargetAuthority } from '../../src/protocol/http/api.ts'
import { createDeadlines } from '../../src/protocol/http/deadlines.ts'
import { createHttpConnections } from '../../src/protocol/http/exchange/door.ts'
import { createHttpSessions } from '../../src/protocol/http/exchange/sessions.ts'
import { createTargetPool } from '../../src/protocol/http/target/pool.ts'
import { createRouter } from '../../src/protocol/http/target/routing.ts'
import type { RecordBudgetLimits } from '../../src/record/budget.ts'
import { openRecorder } from '../../src/record/recorder.ts'
import type { RecordIo } from '../../src/record/segments/io.ts'
import type { SessionHost } from '../../src/session/governed.ts'
import { createSessionRegistry, SWEEP_EVERY_ms } from '../../src/session/registry.ts'
import type { ShareLimits } from '../../src/session/shares.ts'
import { createMemory } from '../../src/session/shares.ts'
import { createTurns } from '../../src/session/turns.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { testApi } from './http-api.ts'
import type { HttpTarget } from './http-target.ts'
import { startHttpTarget } from './http-target.ts'

/** The HTTP door alone, with an API of its own, over a target emulator. */
export interface HttpBench {
  readonly port: number
  readonly target: HttpTarget
  readonly caFile: string
  readonly ca: string
  readonly folder: string
  readonly refused: ChaperoneError[]
  readonly asked: HeldRequest[]
  /** What was decided so far by the policies; change it and call `policyChanged`. */
  decide: (operation: Operation) => Verdict['effect']
  obligations: Obligations
  policyChanged(): void
  endSessions(): number
  forget(agent: string): void
  readonly sessionsOpen: number
  /** Memory that agents and strangers have taken of their shares. */
  readonly held: number
  records(): Promise<RecordLine[]>
  stop(): Promise<void>
}

export interface HeldRequest {
  readonly request: ApprovalRequest
  readonly settle: (outcome: ApprovalOutcome) => void
  withdrawn: boolean
}

export interface RecordLine {
  readonly kind: string
  readonly operation?: string
  readonly text?: string
  readonly verdict?: string
  readonly result?: string
  readonly error?: string
  readonly code?: string
}

export interface HttpBenchOptions {
  readonly api?: HttpApi
  readonly recordIo?: RecordIo
  readonly clock?: SteadyClock
  readonly handshakeTimeout_ms?: number
  /** To the target. */
  readonly connectTimeout_ms?: number
  /** The credential for the target; else it is there. */
  readonly authority?: TargetAuthority
  /** Other policies, records, approvals and turns. */
  readonly host?: Partial<Pick<SessionHost, 'policies' | 'recorder' | 'approvals' | 'turns'>>
  readonly sessionsPerAgentMax?: number
  readonly memory?: ShareLimits
  readonly records?: RecordBudgetLimits
  /** Where it lives; else a folder of its own, which goes with it. */
  readonly folder?: string
  /** A target that outlives the door; else one of its own. */
  readonly target?: { readonly port: number; readonly caFile: string }
  readonly life?: { readonly max_ms: number; readonly idle_ms: number }
}

const HOUR_MS = 3_600_000
/** Longer than any test lets pass. */
const TOKEN_LIFE_MS = 100 * HOUR_MS

export async function openHttpBench(options: HttpBenchOptions = {}): Promise<HttpBench> {
  const clock = options.clock ?? systemClock
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'http-bench-')))
  const authority = await openDevelopmentAuthority({ folder, clock, log: silentLog })
  const tls = await openTls({ ...authority, clock, log: silentLog })
  const target = await startHttpTarget({
    certificate: readFileSync(authority.certificateFile, 'utf8'),
    key: readFileSync(authority.keyFile, 'utf8'),
  })
  const records = join(folder, 'records')
  const recorder = openRecorder({
    folder: records,
    clock,
    log: silentLog,
    gatewayVersion: 'test',
    freeBytesMin: 1,
    ...(options.records === undefined ? {} : { perAgent: options.records }),
    ...(options.recordIo === undefined ? {} : { io: options.recordIo }),
  })
  const registry = createSessionRegistry(clock, {
    sessionsMax: 100,
    sessionsPerAgentMax: options.sessionsPerAgentMax ?? 100,
  })
  const asked: HeldRequest[] = []
  let version = 1
  const set: PolicySet = {
    get version() {
      return String(version)
    },
    tellsApart: () => false,
    rulesFor: () => ({
      policyVersion: String(version),
      grantsAnything: true,
      masks: [],
      decide: (operation) => verdictOf(bench.decide(operation), String(version), bench.obligations),
      masksOn: () => [],
    }),
  }
  const host: SessionHost = {
    clock,
    recorder,
    registry,
    approvals: fakeApprovals(asked),
    metrics: createMetrics({ processMetrics: false }),
    memory: createMemory(options.memory ?? { bytesMax: 2 ** 30, perHolderMax: 2 ** 28 }),
    turns: createTurns(clock),
    policies: () => set,
    ...options.host,
  }
  const deadlines = createDeadlines(clock)
  const resource = { name: 'res', type: 'kubernetes', labels: {} } as const
  const life = { max_ms: HOUR_MS, idle_ms: HOUR_MS, bindToToken: false, ...options.life }
  const pool = createTargetPool({
    address: { host: '127.0.0.1', port: options.target?.port ?? target.port },
    tls: { mode: 'verify-full', ca: options.target?.caFile ?? authority.authorityFile },
    deadlines,
    connectTimeout_ms: options.connectTimeout_ms ?? 5_000,
  })
  const endpoint = {
    resource,
    life,
    api: options.api ?? testApi(),
    targetHost: 'target.example',
    authority: options.authority ?? {
      headers: () => [['authorization', 'Bearer target-secret']] as const,
    },
    pool,
  }
  const gatekeeper = {
    agent: (token: string) => Promise.resolve(principalOf(token, clock)),
    human: () => Promise.reject(new Error('no humans here')),
  }
  const sessions = createHttpSessions(host, gatekeeper)
  const refused: ChaperoneError[] = []
  let stopping = false
  const connections = createHttpConnections({
    tls,
    handshakeTimeout_ms: options.handshakeTimeout_ms ?? 5_000,
    exchanges: {
      host,
      log: silentLog,
      router: createRouter([{ resource, life, endpoints: [endpoint] }]),
      sessions,
      deadlines,
      refused: (error) => void refused.push(error),
      stopping: () => stopping,
    },
  })
  const listener = await listenTcp({
    host: '127.0.0.1',
    port: 0,
    log: silentLog,
    onConnection: (socket, known) => connections.serve(socket, known),
  })
  const sweep = setInterval(() => registry.sweep(), SWEEP_EVERY_ms)
  const bench: HttpBench = {
    port: listener.port,
    target,
    caFile: authority.authorityFile,
    ca: readFileSync(authority.authorityFile, 'utf8'),
    folder,
    refused,
    asked,
    decide: ({ kind }) => (kind === 'deny' || kind === 'hold' ? kind : 'allow'),
    obligations: NO_OBLIGATIONS,
    policyChanged() {
      version += 1
      registry.policyChanged()
    },
    endSessions: () => registry.end(() => true, 'SESSION_REVOKED', 'A person ended it.'),
    forget: (agent) => sessions.forget(agent),
    get sessionsOpen() {
      return registry.list().length
    },
    get held() {
      return host.memory.agents.total + host.memory.strangers.total
    },
    records: () => readHttpRecords(folder),
    async stop() {
      stopping = true
      clearInterval(sweep)
      listener.close()
      connections.retire()
      listener.destroyConnections()
      pool.close()
      deadlines.close()
      tls.close()
      await recorder.close()
      await target.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return bench
}

function principalOf(token: string, clock: SteadyClock): Principal {
  if (token.startsWith('bad')) {
    throw new ChaperoneError('TOKEN_SIGNATURE', 'The signature is wrong.', { hint: 'Sign it.' })
  }
  return {
    agent: {
      name: token.split('.')[0]!,
      tenant: 't',
      objectId: `oid-${token}`,
      owner: 'owner@example.com',
      purpose: 'testing',
      labels: {},
      disabled: false,
    },
    groups: [],
    roles: [],
    via: 'token',
    tokenId: `uti-${token}`,
    tokenExpiresAt_ms: clock.now_ms() + TOKEN_LIFE_MS,
  }
}

function verdictOf(
  effect: Verdict['effect'],
  policyVersion: string,
  obligations: Obligations,
): Verdict {
  const base = { policyVersion, reasons: [], keeps: 'moment' } as const
  if (effect === 'allow') return { ...base, effect, obligations }
  if (effect === 'hold') {
    const approvers = { groups: ['dba'], people: [] }
    const terms = { approvers, count: 1, expires_ms: HOUR_MS, reasonRequired: false }
    return { ...base, effect, obligations, approval: [terms] }
  }
  const denial = { code: 'POLICY_DENIED', message: 'Refused by a rule.', hint: 'Ask.' } as const
  return { ...base, effect, denial }
}

function fakeApprovals(asked: HeldRequest[]): Approvals {
  return {
    ask(request) {
      const { promise, resolve } = Promise.withResolvers<ApprovalOutcome>()
      const held: HeldRequest = { request, settle: resolve, withdrawn: false }
      asked.push(held)
      return {
        id: `approval-${asked.length}`,
        expiresAt_ms: 0,
        asked: '1 of group dba',
        settled: promise,
        withdraw() {
          held.withdrawn = true
          resolve({ type: 'withdrawn' })
        },
      }
    },
  }
}

/** The records of a door that lives, or lived, in the folder. */
export async function readHttpRecords(home: string): Promise<RecordLine[]> {
  const folder = join(home, 'records')
  const { readdir, readFile } = await import('node:fs/promises')
  const files = (await readdir(folder, { recursive: true })).filter((file) =>
    file.endsWith('.jsonl'),
  )
  const lines: RecordLine[] = []
  for (const file of files.sort()) {
    const text = await readFile(join(folder, file), 'utf8')
    for (const line of text.split('\n')) {
      if (!line.startsWith('{')) continue
      const { unmapped } = JSON.parse(line) as { unmapped?: { chaperone?: RecordLine } }
      if (unmapped?.chaperone !== undefined) lines.push(unmapped.chaperone)
    }
  }
  return lines
}
