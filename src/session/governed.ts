import type { Approvals } from '../approval/approvals.ts'
import type { SteadyClock } from '../core/clock.ts'
import type { Code } from '../core/codes.ts'
import type { Denial } from '../core/denial.ts'
import { ChaperoneError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { Access, Operation } from '../core/operation.ts'
import type { Principal } from '../core/principal.ts'
import type { Resource } from '../core/resource.ts'
import type { MaskRule, Verdict } from '../core/verdict.ts'
import type { MaskPlan } from '../mask/plan.ts'
import { planMasks } from '../mask/plan.ts'
import type { PolicySet, Ruleset } from '../policy/ruleset.ts'
import type { Recorder, SessionFacts, Trail } from '../record/lines/trail.ts'
import type { SessionRegistry } from './registry.ts'
import type { Memory, Share } from './shares.ts'
import type { Turns } from './turns.ts'

/** What every governed session shares, whatever its protocol. */
export interface SessionHost {
  readonly clock: SteadyClock
  readonly recorder: Recorder
  readonly approvals: Approvals
  readonly registry: SessionRegistry
  /** What peers make the gateway hold in memory. */
  readonly memory: Memory
  /** How they share the event loop. */
  readonly turns: Turns
  readonly metrics: { session(resource: string, protocol: string): SessionMeter }
  policies(): PolicySet
}

/** What is counted of sessions. */
export interface SessionMeter {
  opened(): void
  /** `refused` never was open; the others were. */
  closed(outcome: 'closed' | 'refused' | 'lost' | 'ended'): void
  operation(effect: Verdict['effect']): void
  operationDone(seconds: number): void
  /** An operation begins (+1) or stops (-1) to wait for a human. */
  holds(change: 1 | -1): void
  bytes(fromClient: number, fromTarget: number): void
}

export interface SessionRequest {
  readonly principal: Principal
  readonly resource: Resource
  readonly protocol: SessionFacts['protocol']
  readonly clientAddress: string
  readonly database?: string
  readonly client?: string
  readonly life: SessionLife
}

export interface SessionLife {
  readonly max_ms: number
  readonly idle_ms: number
  /** End with the token's own expiry. */
  readonly bindToToken: boolean
}

/** The protocol's side: how to stop talking. */
export interface Conversation {
  /** Says why in the protocol's own words and closes. */
  end(code: Code, message: string): void
  /**
   * After a policy change: judges anew what is held for people or under way, one thing in each step, for there
   * may be much of it, and ends what may not go on (`endOfChange`).
   */
  judgeAgain(): Iterable<unknown>
  /**
   * What is under way waits for the client, which does not read its answer or does not send its
   * data: then the idle limit applies all the same.
   */
  waitsForClient?(): boolean
  /** The client has begun a message and does not go on with it. */
  tooSlow?(): boolean
  /** Nothing would be lost by ending it: the client's next request opens another one. */
  rests?(): boolean
}

/** A verdict with what it means for the answer. */
export interface Judgement {
  readonly verdict: Verdict
  /** One for each of the operation's results. */
  readonly plans: readonly MaskPlan[]
}

/** One governed conversation of one agent with one resource. */
export interface GovernedSession {
  readonly id: string
  readonly principal: Principal
  readonly resource: Resource
  readonly trail: Trail
  readonly meter: SessionMeter
  /** Of the agent's memory, what this session holds. */
  readonly memory: Share
  /** Changes when the policies do: what was judged under another version is judged again. */
  readonly policyVersion: string
  /** Every mask that the agent is under by now, for what no verdict speaks of. */
  readonly masks: readonly MaskRule[]
  /** By the exact text, whatever of it is shown. */
  judge(operation: Operation, text: string): Judgement
  /** What the policies hide of anything that is touched: for what is shown of a request. */
  masksOn(accesses: readonly Access[]): readonly MaskRule[]
  /**
   * Why nothing may be asked for now, whatever it is: the agent has used up its records. `chars`: how
   * long what it asked for was; it is counted as denied, and must not be recorded by itself.
   */
  unrecordable(chars: number): Denial | undefined
  /** Notes that the agent did something, for the idle limit. */
  touch(): void
  /** An operation is under way: the idle limit waits. */
  busy(by: 1 | -1): void
  close(why: { readonly code?: Code; readonly message?: string }): void
}

/**
 * Admits a session. Throws RESOURCE_NOT_GRANTED when no rule could ever allow it anything,
 * RECORD_LIMIT and SESSION_LIMIT.
 */
export function openGovernedSession(
  host: SessionHost,
  request: SessionRequest,
  conversation: Conversation,
): GovernedSession {
  const meter = host.metrics.session(request.resource.name, request.protocol)
  try {
    return admit(host, request, conversation, meter)
  } catch (error) {
    meter.closed('refused')
    throw error
  }
}

function admit(
  host: SessionHost,
  request: SessionRequest,
  conversation: Conversation,
  sessions: SessionMeter,
): GovernedSession {
  const { principal, resource, life } = request
  const startedAt_ms = host.clock.now_ms()
  const id = newId(startedAt_ms)
  const context = { id, startedAt_ms, clientAddress: request.clientAddress }

  let ruleset = host.policies().rulesFor(principal, resource)
  if (!ruleset.grantsAnything) throw notGranted(principal, resource)
  let judgements = new WeakMap<Operation, Judgement>()
  let longest_ms = longestLife(life, ruleset)
  const counts = { operations: 0, denied: 0, held: 0 }
  const started_ms = host.clock.steady_ms()
  let active_ms = started_ms
  let underWay = 0
  let closed = false

  function judge(operation: Operation, text: string): Judgement {
    const kept = judgements.get(operation)
    if (kept?.verdict.keeps === 'shape') return kept
    const verdict = ruleset.decide(operation, {
      text,
      now_ms: host.clock.now_ms(),
      session: context,
    })
    if (kept?.verdict === verdict) return kept
    // One verdict may be that of many operations, but what it means for an answer is of this one.
    const judgement = { verdict, plans: plansFor(operation, verdict) }
    judgements.set(operation, judgement)
    if (verdict.effect !== 'deny') {
      longest_ms = Math.min(longest_ms, verdict.obligations.maxSession_ms ?? longest_ms)
    }
    return judgement
  }

  /**
   * Lives and idle times are measured, so that setting the machine's time neither extends nor ends
   * them. A date at which the agent or its token expires counts when either clock has reached it.
   */
  function overdue(): { code: Code; message: string } | undefined {
    const steady_ms = host.clock.steady_ms()
    const lived_ms = steady_ms - started_ms
    const waits = underWay === 0 || conversation.waitsForClient?.() === true
    if (waits && steady_ms - active_ms >= life.idle_ms) return IDLE
    if (conversation.tooSlow?.() === true) return TOO_SLOW
    const expires_ms = Math.min(
      principal.agent.expiresAt_ms ?? Infinity,
      life.bindToToken ? principal.tokenExpiresAt_ms : Infinity,
    )
    const expired =
      host.clock.now_ms() >= expires_ms || lived_ms >= Math.max(0, expires_ms - startedAt_ms)
    return expired || lived_ms >= longest_ms ? EXPIRED : undefined
  }

  function policyChanged(): Iterable<unknown> | undefined {
    const next = host.policies().rulesFor(principal, resource)
    if (next.policyVersion === ruleset.policyVersion) return undefined
    ruleset = next
    judgements = new WeakMap()
    longest_ms = Math.min(longest_ms, longestLife(life, ruleset))
    if (ruleset.grantsAnything) return review()
    revoke()
    return undefined
  }

  function* review(): Iterable<unknown> {
    for (const step of conversation.judgeAgain()) {
      if (closed) return
      yield step
    }
  }

  function revoke(): void {
    conversation.end('SESSION_REVOKED', 'The policies no longer give the agent this access.')
  }

  // Its opening and its end are records, too, whichever token it comes with.
  const trail = host.recorder.openTrail({ ...request, id, startedAt_ms })
  if (trail.refuses(0)) throw recordsUsedUp()
  host.registry.admit({
    ...context,
    agent: principal.agent.name,
    resource: resource.name,
    protocol: request.protocol,
    end: (code, message) => conversation.end(code, message),
    counts: () => ({ ...counts }),
    overdue,
    busy: () => underWay > 0,
    restsSince: () => (conversation.rests?.() === true ? active_ms : undefined),
    policyChanged,
  })
  const meter = counting(sessions, counts)
  meter.opened()
  const memory = host.memory.agents.open(principal.agent.name)

  return {
    id,
    principal,
    resource,
    trail,
    meter,
    memory,
    get policyVersion() {
      return ruleset.policyVersion
    },
    get masks() {
      return ruleset.masks
    },
    judge,
    masksOn: (accesses) => ruleset.masksOn(accesses),
    unrecordable(chars) {
      if (!trail.refuses(chars)) return undefined
      meter.operation('deny')
      return RECORDS_USED_UP
    },
    touch() {
      active_ms = host.clock.steady_ms()
    },
    busy(by) {
      underWay += by
      active_ms = host.clock.steady_ms()
    },
    close(why) {
      if (closed) return
      closed = true
      host.registry.leave(id)
      memory.close()
      meter.closed(outcomeOf(why.code))
      trail.closed(why)
    },
  }
}

const IDLE = { code: 'SESSION_IDLE', message: 'The session was idle for too long.' } as const
const RECORDS_USED_UP: Denial = {
  code: 'RECORD_LIMIT',
  message:
    'The agent has used up what may be recorded of it for now, so nothing more is done for it.',
  hint: 'Ask for less, with shorter texts, or wait. The bounds are limits.recordBurstPerAgent and recordBytesPerAgentPerSecond.',
}
const TOO_SLOW = {
  code: 'PROTOCOL_TIMEOUT',
  message: 'A message was begun and did not come to its end in time.',
} as const
const EXPIRED = {
  code: 'SESSION_EXPIRED',
  message: 'The session reached its longest life.',
} as const

function counting(
  meter: SessionMeter,
  counts: { operations: number; denied: number; held: number },
): SessionMeter {
  return {
    ...meter,
    operation(effect) {
      counts.operations += 1
      if (effect === 'deny') counts.denied += 1
      if (effect === 'hold') counts.held += 1
      meter.operation(effect)
    },
  }
}

function plansFor(operation: Operation, verdict: Verdict): readonly MaskPlan[] {
  if (verdict.effect === 'deny') return []
  return operation.results.map((outputs) => planMasks(outputs, verdict.obligations.masks))
}

function longestLife(life: SessionLife, ruleset: Ruleset): number {
  return Math.min(life.max_ms, ruleset.maxSession_ms ?? Infinity)
}

function notGranted(principal: Principal, resource: Resource): ChaperoneError {
  return new ChaperoneError(
    'RESOURCE_NOT_GRANTED',
    `No policy gives agent ${principal.agent.name} anything on ${resource.name}.`,
    { hint: `Ask ${principal.agent.owner}, the agent's owner, for a policy that names both.` },
  )
}

function recordsUsedUp(): ChaperoneError {
  const { code, message, hint } = RECORDS_USED_UP
  return new ChaperoneError(code, message, { hint })
}

function outcomeOf(code: Code | undefined): 'closed' | 'lost' | 'ended' {
  if (code === undefined) return 'closed'
  return code.startsWith('TARGET_') ? 'lost' : 'ended'
}
