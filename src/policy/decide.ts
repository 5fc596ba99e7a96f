import type { Access, Operation } from '../core/operation.ts'
import type { Obligations, Reason, Verdict } from '../core/verdict.ts'
import type { Candidate, Candidates } from './candidates.ts'
import type { Rule } from './compile.ts'
import { columnMasks, matchesAction, touchesObject } from './compile.ts'
import type { Subject } from './condition.ts'
import { conditionDenial, noMatchDenial, nothingDenial, ruleDenial } from './denials.ts'
import { comparedDenial, definedDenial, leakDenial } from './leaks.ts'
import type { DecisionContext } from './ruleset.ts'

/** Whether a rule that speaks of the operation takes part, by its texts and its condition. */
export function gate(
  { texts, when, effect }: Rule,
  operation: Operation,
  subject: Subject,
  context: DecisionContext,
): 'in' | 'text' | 'condition' | 'failed' {
  try {
    // What cannot be read is taken for what a denial or a hold looks for.
    const isUnread = operation.facts.unread === true && effect !== 'allow'
    if (texts.length > 0 && !isUnread && !texts.some((text) => text.test(context.text))) {
      return 'text'
    }
    return when?.holds(subject, operation, context) === false ? 'condition' : 'in'
  } catch {
    return 'failed'
  }
}

/** The verdict on an operation that does what `candidates` are of. */
export function decide(
  candidates: Candidates,
  operation: Operation,
  subject: Subject,
  context: DecisionContext,
  policyVersion: string,
): Verdict {
  const granted = grant(candidates, operation, subject, context, policyVersion)
  return settle(operation, granted)
}

/**
 * Deny beats hold beats allow, and what no rule allows is denied. Obligations of the rules that
 * took part add up, strictest wins.
 */
export function grant(
  candidates: Candidates,
  operation: Operation,
  subject: Subject,
  context: DecisionContext,
  policyVersion: string,
): Verdict {
  const active: Candidate[] = []
  const keptOut: Candidate[] = []
  let keeps: Verdict['keeps'] = 'shape'
  let outcomes = ''
  for (const one of candidates.rules) {
    const { rule } = one
    keeps = shorter(keeps, rule.when?.keeps ?? 'shape', rule.texts.length > 0 ? 'text' : 'shape')
    const outcome = gate(rule, operation, subject, context)
    if (outcome === 'failed') {
      const reasons = active.map(reasonOf)
      return { effect: 'deny', denial: conditionDenial(rule), policyVersion, reasons, keeps }
    }
    if (outcome === 'in') active.push(one)
    else keptOut.push(one)
    outcomes += outcome === 'in' ? '1' : '0'
  }
  const known = candidates.verdicts.get(outcomes)
  if (known !== undefined) return known
  const base = { policyVersion, reasons: active.map(reasonOf), keeps }
  const verdict = verdictOf(candidates, active, keptOut, subject, base)
  if (candidates.verdicts.size < VERDICTS_KEPT) candidates.verdicts.set(outcomes, verdict)
  return verdict
}

/** Of one list of accesses; conditions that go on and off in more ways than this are rare. */
const VERDICTS_KEPT = 32

/**
 * What was granted is denied all the same where a masked value would get past its mask. Where its rows may
 * hold values of any column, all of the agent's masks are in force for it.
 */
export function settle(operation: Operation, verdict: Verdict): Verdict {
  if (verdict.effect === 'deny') return verdict
  const { obligations, policyVersion, reasons, keeps } = verdict
  const denial =
    leakDenial(operation, columnMasks(obligations.masks)) ??
    definedDenial(operation, obligations.wordMasks ?? []) ??
    comparedDenial(operation, obligations.wordMasks ?? [])
  if (denial !== undefined) return { effect: 'deny', denial, policyVersion, reasons, keeps }
  if (!holdsAnything(operation)) return verdict
  const masks = [...new Set([...obligations.masks, ...(obligations.wordMasks ?? [])])]
  return { ...verdict, obligations: { ...obligations, masks } }
}

function holdsAnything({ results }: Operation): boolean {
  return results.some(
    (outputs) => typeof outputs !== 'string' && outputs.some(({ anything }) => anything),
  )
}

function verdictOf(
  candidates: Candidates,
  active: readonly Candidate[],
  keptOut: readonly Candidate[],
  subject: Subject,
  base: Pick<Verdict, 'policyVersion' | 'reasons' | 'keeps'>,
): Verdict {
  const { accesses, index } = candidates
  const denying = active.find(({ rule }) => rule.effect === 'deny')?.rule
  if (denying !== undefined) {
    const access = accesses.find((one) => denies(denying, one))
    return { effect: 'deny', denial: ruleDenial(subject, denying, access), ...base }
  }
  if (accesses.length === 0) {
    return { effect: 'deny', denial: nothingDenial(subject), ...base }
  }
  for (const access of accesses) {
    const missing = access.grant === 'required' ? missingOf(access, active) : undefined
    if (missing === undefined) continue
    const denial = noMatchDenial(subject, missing, access, keptOut, index.rules)
    return { effect: 'deny', denial, ...base }
  }
  const obligations = {
    ...addUp(active.map(({ rule }) => rule.obligations)),
    wordMasks: index.columnMasks,
    wordDetects: index.detectMasks(accesses),
  }
  const approval = active.flatMap(({ rule }) => rule.approval ?? [])
  return approval.length > 0
    ? { effect: 'hold', obligations, approval, ...base }
    : { effect: 'allow', obligations, ...base }
}

const LIVES = ['shape', 'text', 'moment'] as const

function shorter(...lives: readonly Verdict['keeps'][]): Verdict['keeps'] {
  return LIVES[Math.max(...lives.map((life) => LIVES.indexOf(life)))]!
}

function reasonOf({ rule }: Candidate): Reason {
  return { policy: rule.policy, rule: rule.id, effect: rule.effect }
}

/** A rule of nothing but texts speaks of no access. */
function denies(rule: Rule, access: Access): boolean {
  if (rule.actions === undefined && rule.objects === undefined) return false
  return matchesAction(rule, access.action) && touchesObject(rule, access)
}

/** What of the access no rule that allows or holds grants: whole, or all its parts together. */
function missingOf(access: Access, active: readonly Candidate[]): Access | undefined {
  const granting = active.filter(({ rule }) => rule.actions !== undefined && rule.effect !== 'deny')
  if (granting.some(({ whole }) => whole.has(access))) return undefined
  const { parts } = access
  if (parts === undefined || parts === 'all' || parts.length === 0) return access
  const granted = new Set(granting.flatMap(({ partial }) => partial.get(access) ?? []))
  const missing = parts.filter((part) => !granted.has(part))
  return missing.length === 0 ? undefined : { ...access, parts: missing }
}

function addUp(all: readonly Obligations[]): Obligations {
  const maxRows = least(all.map((one) => one.maxRows))
  const maxSession_ms = least(all.map((one) => one.maxSession_ms))
  const limiting = all.filter((one) => one.maxRows !== undefined)
  const limitedBy = limiting.find((one) => one.maxRows === maxRows)?.limitedBy
  return {
    masks: all.flatMap((one) => one.masks),
    onMaxRows:
      limiting.every((one) => one.onMaxRows === 'notice') && limiting.length > 0
        ? 'notice'
        : 'error',
    ...(maxRows === undefined ? {} : { maxRows }),
    ...(limitedBy === undefined ? {} : { limitedBy }),
    ...(maxSession_ms === undefined ? {} : { maxSession_ms }),
  }
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
