import type { ApprovalControl, ApprovalDesk } from '../approval/desk.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Agent } from '../core/principal.ts'
import type { Resource } from '../core/resource.ts'
import type { Attempt, Gatekeeper } from '../identity/gatekeeper.ts'
import type { Recorder } from '../record/trail.ts'
import type { SessionRegistry } from '../session/registry.ts'

/** What the API needs of everything else. */
export interface ApiDeps {
  readonly clock: Clock
  readonly log: Log
  readonly recorder: Pick<Recorder, 'note' | 'afterCommit'>
  readonly gatekeeper: Pick<Gatekeeper, 'human'>
  readonly agents: AgentDirectory
  readonly tokens: TokenService
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

/** Registered agents. Methods throw ChaperoneErrors: AGENT_NOT_FOUND, AGENT_CONFLICT, REQUEST_INVALID. */
export interface AgentDirectory {
  list(): readonly Agent[]
  find(name: string): Agent | undefined
  create(agent: NewAgent): Agent
  update(name: string, change: AgentChange): Agent
  remove(name: string): void
  /** Makes every ticket of the agent void; returns how many were good. */
  revokeTickets(name: string): number
}

export type NewAgent = Omit<Agent, 'disabled'>

/** `expiresAt_ms: null` takes the expiry away. */
export interface AgentChange {
  readonly owner?: string
  readonly purpose?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly expiresAt_ms?: number | null
  readonly disabled?: boolean
}

/** The gateway's own token service. */
export interface TokenService {
  /** Rejects with the code that says what is wrong. */
  exchange(request: ExchangeRequest, attempt: Attempt): Promise<IssuedToken>
  /** OpenID Connect discovery, and the public keys as a JWK Set (RFC 7517). */
  configuration(): Readonly<Record<string, unknown>>
  keys(): { readonly keys: readonly object[] }
}

export interface ExchangeRequest {
  readonly subjectToken: string
  readonly want: 'token' | 'ticket'
  /** Name of a resource that it is to be good for alone. */
  readonly resource?: string
  readonly scope?: string
}

export interface IssuedToken {
  readonly token: string
  readonly expiresAt_ms: number
  readonly scope?: string
}

/** What was recorded, from the index. */
export interface RecordReader {
  sessions(query: SessionQuery): Promise<Page<RecordedSession>>
  session(id: string): Promise<SessionTimeline | undefined>
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
  readonly ok: boolean
}

export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
}
