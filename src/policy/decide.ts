import { formatObject } from '../core/object.ts'
import type { Access, Operation } from '../core/operation.ts'
import type { MaskRule, Obligations, Reason, Verdict } from '../core/verdict.ts'
import type { Rule } from './compile.ts'
import { coveredParts, coversObject, matchesAction, touchesObject } from './compile.ts'
import type { Subject } from './condition.ts'
import {
  conditionDenial,
  copyDenial,
  noMatchDenial,
  predicateDenial,
  ruleDenial,
} from './denials.ts'
import type { DecisionContext } from './ruleset.ts'

/** What can be told of an operation from its shape alone; conditions and texts come later. */
export interface Candidates {
  readonly rules: readonly Candidate[]
  /** True when a verdict is the same for every text at every time. */
  readonly settled: boolean
}

/** A rule that speaks of something in the operation. */
interface Candidate {
  readonly rule: Rule
  /** Accesses it allows whole. */
  readonly whole: ReadonlySet<Access>
  /** Accesses of which it allows some parts. */
  readonly partial: ReadonlyMap<Access, readonly string[]>
}

export function candidatesFor(rules: readonly Rule[], operation: Operation): Candidates {
  const candidates = rules.flatMap((rule) => candidate(rule, operation) ?? [])
  const settled = candidates.every(
    ({ rule }) => rule.texts.length === 0 && (rule.when?.keeps ?? 'shape') === 'shape',
  )
  return { rules: candidates, settled }
}

function candidate(rule: Rule, operation: Operation): Candidate | undefined {
  const whole = new Set<Access>()
  const partial = new Map<Access, readonly string[]>()
  let touched = rule.actions === undefined && rule.objects === undefined
  for (const access of operation.accesses) {
    if (!matchesAction(rule, access.action)) continue
    if (coversObject(rule, access)) whole.add(access)
    else {
      const parts = coveredParts(rule, access)
      if (parts.length > 0) partial.set(access, parts)
    }
    if (rule.effect !== 'allow') touched ||= touchesObject(rule, access)
  }
  touched ||= rule.effect === 'allow' && whole.size + partial.size > 0
  return touched ? { rule, whole, partial } : undefined
}

/**
 * Deny beats hold beats allow, and what no rule allows is denied. Obligations of the rules that
 * took part add up, strictest wins.
 */
export function decide(
  candidates: Candidates,
  operation: Operation,
  subject: Subject,
  context: DecisionContext,
  policyVersion: string,
): Verdict {
  const active: Candidate[] = []
  let keeps: Verdict['keeps'] = 'shape'
  const base = () => ({ policyVersion, reasons: active.map(reasonOf), keeps })
  for (const one of candidates.rules) {
    const { rule } = one
    keeps = shorter(keeps, rule.when?.keeps ?? 'shape', rule.texts.length > 0 ? 'text' : 'shape')
    if (rule.texts.length > 0 && !rule.texts.some((text) => text.matcher(context.text).find())) {
      continue
    }
    try {
      if (rule.when?.holds(subject, operation, context) === false) continue
    } catch {
      return { effect: 'deny', denial: conditionDenial(rule), ...base() }
    }
    active.push(one)
  }

  const denying = active.find(({ rule }) => rule.effect === 'deny')
  if (denying !== undefined) {
    const access = operation.accesses.find((one) => denies(denying.rule, one))
    return { effect: 'deny', denial: ruleDenial(subject, denying.rule, access), ...base() }
  }
  const missing = operation.accesses.find(
    (access) => access.grant === 'required' && !isGranted(access, active),
  )
  if (missing !== undefined) {
    const denial = noMatchDenial(
      subject,
      missing,
      candidates.rules.map(({ rule }) => rule),
    )
    return { effect: 'deny', denial, ...base() }
  }
  const obligations = addUp(active.map(({ rule }) => rule.obligations))
  const leak = leakDenial(operation, obligations.masks)
  if (leak !== undefined) return { effect: 'deny', denial: leak, ...base() }
  const approval = active.flatMap(({ rule }) => rule.approval ?? [])
  return approval.length > 0
    ? { effect: 'hold', obligations, approval, ...base() }
    : { effect: 'allow', obligations, ...base() }
}

const LIVES = ['shape', 'text', 'moment'] as const

function shorter(...lives: readonly Verdict['keeps'][]): Verdict['keeps'] {
  return LIVES[Math.max(...lives.map((life) => LIVES.indexOf(life)))]!
}

function reasonOf({ rule }: Candidate): Reason {
  return { policy: rule.policy, rule: rule.id, effect: rule.effect }
}

function denies(rule: Rule, access: Access): boolean {
  return matchesAction(rule, access.action) && touchesObject(rule, access)
}

/** Whole, or all its parts together, by rules that allow or hold. */
function isGranted(access: Access, active: readonly Candidate[]): boolean {
  const granting = active.filter(({ rule }) => rule.actions !== undefined)
  if (granting.some(({ whole }) => whole.has(access))) return true
  if (access.parts === undefined || access.parts === 'all') return false
  if (access.parts.length === 0) {
    return granting.some(
      ({ rule }) =>
        matchesAction(rule, access.action) && touchesObject(rule, { ...access, parts: 'all' }),
    )
  }
  const parts = new Set(granting.flatMap(({ partial }) => partial.get(access) ?? []))
  return access.parts.every((part) => parts.has(part))
}

function addUp(all: readonly Obligations[]): Obligations {
  const maxRows = least(all.map((one) => one.maxRows))
  const maxSession_ms = least(all.map((one) => one.maxSession_ms))
  const limiting = all.filter((one) => one.maxRows !== undefined)
  return {
    masks: all.flatMap((one) => one.masks),
    onMaxRows:
      limiting.every((one) => one.onMaxRows === 'notice') && limiting.length > 0
        ? 'notice'
        : 'error',
    ...(maxRows === undefined ? {} : { maxRows }),
    ...(maxSession_ms === undefined ? {} : { maxSession_ms }),
  }
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

/** Ways in which a masked value would get past its mask: into a condition, or into another place. */
function leakDenial(operation: Operation, masks: readonly MaskRule[]) {
  const columns = masks.filter((mask) => mask.type === 'columns')
  for (const mask of columns) {
    const read = operation.predicates.find((column) => mask.covers(column))
    if (mask.predicates === 'deny' && read !== undefined) {
      return predicateDenial(mask, formatObject(read))
    }
    const copy = operation.copies?.find(({ from }) => from === 'unknown' || mask.covers(from))
    if (copy !== undefined) {
      const from = copy.from === 'unknown' ? undefined : formatObject(copy.from)
      return copyDenial(mask, from, formatObject(copy.to))
    }
  }
  return undefined
}
