import type { Code } from '../../core/codes.ts'
import type { ChaperoneError } from '../../core/errors.ts'
import type { Operation } from '../../core/operation.ts'
import type { Principal } from '../../core/principal.ts'
import type { Resource } from '../../core/resource.ts'
import type { Verdict } from '../../core/verdict.ts'

/**
 * Writes records before operations go on. `append`ed records of one event-loop turn are written
 * together; a waiter hears of it when everything appended before it is in the file (and synced,
 * where the setting says so), or that it could not be.
 */
export interface Recorder {
  openTrail(facts: SessionFacts): Trail
  /** Something that belongs to no session: a refused sign-in, an approval's answer, a revocation. */
  note(note: Note): void
  /**
   * Something that an agent did outside of its sessions, and may do as often as it likes: it counts for
   * what may be recorded of it. False: that is used up, and it is told in sum.
   */
  noteOf(agent: string, note: Note): boolean
  /** Call it in the turn in which the intent was appended: that is what it waits for. */
  afterCommit(waiter: CommitWaiter): void
  /** Why the last write failed; undefined while records can be written. */
  readonly fault: ChaperoneError | undefined
  close(): Promise<void>
}

export interface CommitWaiter {
  /** A person decided something: recorded also where there is no room left for agents. */
  readonly ofPerson?: boolean
  committed(): void
  failed(error: ChaperoneError): void
}

export interface SessionFacts {
  readonly id: string
  readonly principal: Principal
  readonly resource: Resource
  readonly protocol: 'postgres' | 'kubernetes' | 'azure'
  readonly clientAddress: string
  readonly database?: string
  /** What the client said of itself: application_name, User-Agent. Not trusted. */
  readonly client?: string
  readonly startedAt_ms: number
}

/** One session's records, in order. No method throws or waits; see Recorder.afterCommit. */
export interface Trail {
  opened(facts: { readonly targetRole?: string; readonly backendPid?: number }): void
  /** Returns the operation's id, which joins intent, approval and outcome. */
  intent(intent: Intent): string
  outcome(operationId: string, outcome: Outcome): void
  /** A piece of what passed on a terminal that the operation opened. */
  terminal(operationId: string, piece: TerminalPiece): void
  closed(why: { readonly code?: Code; readonly message?: string }): void
  /**
   * True while the agent has used up what may be recorded of it: what it asks for now (`chars`
   * long) must be refused, and is told in sum instead of by an intent of its own.
   */
  refuses(chars: number): boolean
}

export interface Intent {
  readonly at_ms: number
  /** `prepare`: classified and judged, not run yet. */
  readonly phase: 'prepare' | 'run'
  readonly operation: Operation
  /** The exact text, or the text without secrets where the operation has one. */
  readonly text: string
  /** Values of parameters, in order; binary ones as `\\x` hex. Long ones may be cut by the recorder. */
  readonly parameters?: readonly (string | null)[]
  readonly verdict: Verdict
  readonly approvalId?: string
}

export interface Outcome {
  readonly at_ms: number
  /** `skipped`: an earlier failure in its batch kept it from running. */
  readonly result: 'success' | 'error' | 'refused' | 'withdrawn' | 'skipped' | 'lost'
  readonly duration_ms: number
  readonly rows?: number
  readonly bytes?: number
  /** The target's own error code (SQLSTATE, HTTP status) or ours. Never the error's text. */
  readonly error?: string
  /** Names of the output columns whose values were masked. */
  readonly masked?: readonly string[]
  /** Up to a few rows as the agent saw them, masked. */
  readonly preview?: readonly (readonly (string | null)[])[]
}

/** As in asciicast v3: input, output, a new size `80x24`, or a marker. */
export interface TerminalPiece {
  readonly at_ms: number
  readonly kind: 'i' | 'o' | 'r' | 'm'
  readonly text: string
}

export interface Note {
  readonly at_ms: number
  readonly type:
    | 'sign-in-refused'
    | 'approval-requested'
    | 'approval-answered'
    | 'approval-closed'
    | 'agent-changed'
    | 'agent-revoked'
    | 'session-ended'
    | 'ticket-issued'
    | 'ticket-used'
    | 'policy-changed'
    | 'gateway-started'
    | 'gateway-stopped'
    /** The recorder's own: so much was refused since an agent's records were used up. */
    | 'records-limited'
    /** The recorder's own: records could not be written for a while, or were taken away. */
    | 'records-interrupted'
  readonly message: string
  readonly code?: Code
  readonly agent?: string
  readonly session?: string
  readonly operation?: string
  readonly approval?: string
  readonly person?: string
  readonly clientAddress?: string
  readonly details?: Readonly<Record<string, string | number | boolean>>
}
