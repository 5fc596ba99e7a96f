import { formatObject } from '../../core/object.ts'
import type { Operation } from '../../core/operation.ts'
import type { Principal } from '../../core/principal.ts'
import type { Resource } from '../../core/resource.ts'
import type { Verdict } from '../../core/verdict.ts'
import { REHEARSAL_KINDS_MAX } from '../limits.ts'
import type { PolicySet, SessionContext } from '../ruleset.ts'

/** An operation that was decided on before. */
export interface Decided {
  readonly session: SessionContext & {
    readonly principal: Principal
    readonly resource: Resource
  }
  readonly at_ms: number
  readonly text: string
  readonly operation: Operation
  readonly effect: Verdict['effect']
}

/** Alike operations of one agent on one resource that would be decided otherwise. */
export interface Change {
  readonly agent: string
  readonly resource: string
  readonly kind: string
  /** `sql.delete sales.public.orders`, … */
  readonly accesses: readonly string[]
  readonly was: Verdict['effect']
  readonly now: Verdict['effect']
  /** `policy/rule` of what decides now; absent where no rule allows it. */
  readonly rules: readonly string[]
  /** Why it would be denied. */
  readonly code?: string
  readonly count: number
  readonly last_ms: number
  /** The text and session of the last one. */
  readonly text: string
  readonly session: string
}

export interface Rehearsal {
  readonly operations: number
  readonly changed: number
  /** Most frequent first; of more kinds than REHEARSAL_KINDS_MAX the later ones only count. */
  readonly changes: readonly Change[]
}

/** Asks other policies about what happened: what would they have decided? Add, then tell. */
export function createRehearsal(policies: PolicySet) {
  const changes = new Map<string, Change>()
  let operations = 0
  let changed = 0

  return {
    add(past: Decided): void {
      const { session, operation, text, at_ms } = past
      const { principal, resource } = session
      const ruleset = policies.rulesFor(principal, resource)
      const verdict = ruleset.decide(operation, { text, now_ms: at_ms, session })
      operations++
      if (verdict.effect === past.effect) return
      changed++
      const next = changeOf(past, verdict)
      const key = JSON.stringify([
        next.agent,
        next.resource,
        operation.fingerprint,
        next.was,
        next.now,
      ])
      const before = changes.get(key)
      if (before === undefined && changes.size >= REHEARSAL_KINDS_MAX) return
      changes.set(key, { ...next, count: (before?.count ?? 0) + 1 })
    },
    result: (): Rehearsal => ({
      operations,
      changed,
      changes: [...changes.values()].toSorted((a, b) => b.count - a.count),
    }),
  }
}

function changeOf({ session, operation, text, at_ms, effect }: Decided, verdict: Verdict): Change {
  return {
    agent: session.principal.agent.name,
    resource: session.resource.name,
    kind: operation.kind,
    accesses: operation.accesses
      .filter(({ grant }) => grant === 'required')
      .map(({ action, object }) => `${action} ${formatObject(object)}`),
    was: effect,
    now: verdict.effect,
    rules: rulesOf(verdict),
    ...(verdict.effect === 'deny' ? { code: verdict.denial.code } : {}),
    count: 1,
    last_ms: at_ms,
    text,
    session: session.id,
  }
}

function rulesOf(verdict: Verdict): string[] {
  if (verdict.effect === 'deny') {
    const { policy, rule } = verdict.denial
    return policy === undefined || rule === undefined ? [] : [`${policy}/${rule}`]
  }
  return verdict.reasons
    .filter(({ effect }) => effect === verdict.effect)
    .map(({ policy, rule }) => `${policy}/${rule}`)
}
