import type { ApprovalControl, ApprovalDesk } from '../approval/desk.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Resource } from '../core/resource.ts'
import type { AgentRegistry } from '../identity/agents/agents.ts'
import type { Gatekeeper } from '../identity/gatekeeper.ts'
import type { TokenService } from '../identity/sts.ts'
import type { SigningKeys } from '../identity/tokens/signing-keys.ts'
import type { Recorder } from '../record/lines/trail.ts'
import type { SessionRegistry } from '../session/registry.ts'

/** What the API needs of everything else. */
export interface ApiDeps {
  readonly clock: Clock
  readonly log: Log
  readonly recorder: Pick<Recorder, 'note' | 'afterCommit'>
  readonly gatekeeper: Pick<Gatekeeper, 'human'>
  /** Whoever wires it makes `onRevoked` end sessions and refuse requests; the API only makes sure. */
  readonly agents: Pick<
    AgentRegistry,
    'byName' | 'list' | 'create' | 'update' | 'remove' | 'setAccess'
  >
  readonly tokens: TokenService
  readonly keys: Pick<SigningKeys, 'jwks'>
  readonly gateway: GatewayFacts
  readonly approvals: ApprovalDesk & Pick<ApprovalControl, 'revokeAgent'>
  readonly sessions: Pick<SessionRegistry, 'list' | 'end'>
  readonly records: RecordReader
  readonly policies: PolicyReader
  readonly resources: () => readonly Resource[]
  /** Absent: people cannot sign in. */
  readonly signIn?: SignIn
  readonly health: () => readonly HealthCheck[]
  /** Present: `/metrics` is served here too, without sign-in. */
  readonly metrics?: Metrics
  readonly bodyBytesMax?: number
}

/** How the gateway is known to others. */
export interface GatewayFacts {
  /** `iss` of the tokens that it issues. */
  readonly issuer: string
  /** Where this API is reached, without a trailing slash: `https://chaperone.example:8443`. */
  readonly baseUrl: string
  /** The same where it was configured; else tools are told the address at which they asked. */
  readonly publicUrl?: string
}

/** What was recorded, from the index. */
export interface RecordReader {
  sessions(query: SessionQuery): Promise<Page<RecordedSession>>
  session(id: string, operation?: string): Promise<SessionTimeline | undefined>
  /** Rejects with SEARCH_SYNTAX. */
  search(query: SearchQuery): Promise<Page<RecordedEvent>>
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Give it back as `after` to read on. */
  readonly next?: string
}

export interface SessionQuery {
  readonly agent?: string
  readonly resource?: string
  readonly after?: string
  readonly limit: number
}

export interface SearchQuery {
  readonly text: string
  readonly after?: string
  readonly limit: number
}

export interface RecordedSession {
  readonly id: string
  readonly agent: string
  readonly resource: string
  readonly protocol: string
  readonly clientAddress: string
  readonly startedAt_ms: number
  readonly endedAt_ms?: number
  /** Why it ended, where it did not simply close. */
  readonly code?: string
  readonly counts: {
    readonly operations: number
    readonly denied: number
    readonly held: number
    readonly rows: number
  }
}

export interface SessionTimeline {
  readonly session: RecordedSession
  readonly events: readonly RecordedEvent[]
}

/** One event in the form of its record (OCSF). */
export type RecordedEvent = Readonly<Record<string, unknown>>

export interface PolicyReader {
  version(): string
  list(): readonly PolicySummary[]
  /** What is wrong with files that were not taken over. */
  problems(): readonly PolicyProblem[]
  /** Rejects with AGENT_NOT_FOUND, RESOURCE_UNKNOWN or a classification's code. */
  explain(question: PolicyQuestion): Promise<Readonly<Record<string, unknown>>>
}

export interface PolicySummary {
  readonly name: string
  readonly description?: string
  readonly file?: string
  readonly rules: readonly string[]
}

export interface PolicyProblem {
  readonly code: string
  readonly message: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

export interface PolicyQuestion {
  readonly agent: string
  readonly resource: string
  readonly text: string
  readonly database?: string
  /** As if the agent's token carried these. */
  readonly groups: readonly string[]
  readonly roles: readonly string[]
}

export interface SignIn {
  readonly issuer: string
  readonly clientId: string
  readonly scope: string
}

export interface HealthCheck {
  readonly name: string
  /** `degraded`: it goes on with what it had, and somebody must look; `failed`: it cannot do its work. */
  readonly state: 'ok' | 'degraded' | 'failed'
}

export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
}
