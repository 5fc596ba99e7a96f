import type { Denial } from '../core/denial.ts'
import { formatObject } from '../core/object.ts'
import type { Access, Copy } from '../core/operation.ts'
import type { ColumnMask } from '../core/verdict.ts'
import type { Candidate } from './candidates.ts'
import type { Rule } from './compile.ts'
import { matchesAction } from './compile.ts'
import type { Subject } from './condition.ts'

/** A rule said no. */
export function ruleDenial({ principal }: Subject, rule: Rule, access: Access | undefined): Denial {
  const { agent } = principal
  const { message, hint } = rule.document
  return {
    code: 'POLICY_DENIED',
    message:
      access === undefined
        ? `Agent ${agent.name} may not run a text that rule ${rule.policy}/${rule.id} matches.`
        : `Agent ${agent.name} may not do ${spoken(access)}.`,
    policy: rule.policy,
    rule: rule.id,
    ...(message === undefined ? {} : { ruleMessage: message }),
    hint:
      hint ??
      `Do it another way, or ask ${agent.owner}, the agent's owner, to have the rule changed.`,
  }
}

/** Nothing said yes to `missing`, a part of `access`. The hint tells what comes nearest. */
export function noMatchDenial(
  { principal }: Subject,
  missing: Access,
  access: Access,
  keptOut: readonly Candidate[],
  rules: readonly Rule[],
): Denial {
  const { agent } = principal
  return {
    code: 'POLICY_NO_MATCH',
    message: `Agent ${agent.name} has no rule that allows ${spoken(missing)}.`,
    hint: `${nearest(access, keptOut, rules)} For more, ask ${agent.owner}, the agent's owner.`,
  }
}

/**
 * Whoever judges a protocol gives everything an access, if only an implied one: without any, nobody
 * knows what the operation does.
 */
export function nothingDenial({ principal }: Subject): Denial {
  const { agent } = principal
  return {
    code: 'POLICY_NO_MATCH',
    message: `Agent ${agent.name} has no rule that allows an operation of which nothing is known.`,
    hint: `Do it another way, or tell ${agent.owner}, the agent's owner.`,
  }
}

function nearest(access: Access, keptOut: readonly Candidate[], rules: readonly Rule[]): string {
  const conditional = keptOut.filter(
    ({ rule, whole, partial }) =>
      rule.effect !== 'deny' &&
      rule.actions !== undefined &&
      (whole.has(access) || partial.has(access)),
  )
  if (conditional.length > 0) return conditional.slice(0, LISTED_MAX).map(reserved).join(' ')
  const allowed = rules
    .filter((rule) => rule.effect !== 'deny' && rule.actions !== undefined)
    .filter((rule) => matchesAction(rule, access.action))
    .flatMap((rule) => rule.objects?.map(({ source }) => source) ?? [])
  return allowed.length === 0
    ? `No rule gives it ${access.action} here.`
    : `It may do ${access.action} on ${list(allowed)}.`
}

/** Why a rule that would have let it through did not take part. */
function reserved({ rule }: Candidate): string {
  const verb = rule.effect === 'hold' ? 'lets it ask for that' : 'allows that'
  const when =
    rule.when === undefined ? 'for the texts that it names' : `where ${rule.when.source.trim()}`
  return `Rule ${rule.policy}/${rule.id} ${verb}, but only ${when}.`
}

const LISTED_MAX = 5

function list(items: readonly string[]): string {
  const unique = [...new Set(items)]
  const shown = unique.slice(0, LISTED_MAX).join(', ')
  return unique.length > LISTED_MAX ? `${shown} and ${unique.length - LISTED_MAX} more` : shown
}

function spoken({ action, object, parts }: Access): string {
  const columns =
    parts === undefined || parts === 'all' || parts.length === 0 ? '' : ` (${list(parts)})`
  return `${action} on ${formatObject(object)}${columns}`
}

export function conditionDenial(rule: Rule): Denial {
  return {
    code: 'POLICY_CONDITION_ERROR',
    message: 'A rule failed while it was deciding, so the operation is refused.',
    policy: rule.policy,
    rule: rule.id,
    hint: "Tell the policy's author that its condition fails on this operation.",
  }
}

export function predicateDenial(mask: ColumnMask, column: string): Denial {
  return {
    code: 'MASKED_PREDICATE',
    message: `The statement's conditions read ${column}, which is masked.`,
    policy: mask.policy,
    rule: mask.rule,
    hint: 'Filter, join and sort by other columns.',
  }
}

/** `column` may be a path that ends above the columns, or an empty one, where nobody knows which. */
export function comparisonDenial(mask: ColumnMask, column: string): Denial {
  const path = column === '' ? 'what its catalog holds of columns' : column
  return {
    code: 'MASKED_PREDICATE',
    message: `What comes of the statement tells of masked values: the target compares ${path} for it.`,
    policy: mask.policy,
    rule: mask.rule,
    hint: 'A constraint, an index, a definition or row level security reads it; leave that out, or ask for a rule that accepts it.',
  }
}

export function copyDenial(mask: ColumnMask, { from, to, defined }: Copy): Denial {
  const place = formatObject(to)
  const known = from === 'unknown' ? undefined : formatObject(from)
  return {
    code: 'MASK_UNPROVABLE',
    message: defined
      ? definedMessage(known, place)
      : known === undefined
        ? `What is written to ${place} cannot be proven free of masked values.`
        : `The masked column ${known} would be written to ${place}, where no mask follows it.`,
    policy: mask.policy,
    rule: mask.rule,
    hint:
      place === known
        ? 'Write all of it at once, under a new name if others write it too.'
        : defined
          ? 'Leave the masked column out, or have someone define it who is under no mask.'
          : 'Leave the masked column out of what is written.',
  }
}

function definedMessage(from: string | undefined, to: string): string {
  if (from === to) return `A part of ${to} is written, and a mask may not find its fields then.`
  return from === undefined
    ? `What ${to} would show cannot be proven free of masked values.`
    : `The masked column ${from} could be read through ${to}, where no mask follows it.`
}
