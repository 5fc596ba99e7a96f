import { formatObject } from '../../core/object.ts'
import type { Access, Operation } from '../../core/operation.ts'
import type { ApprovalTerms, MaskRule, Verdict } from '../../core/verdict.ts'
import type { Explanation, PolicyExplanation, RuleExplanation } from './explain.ts'

/** An explanation as text for people; ends with a line end. */
export function formatExplanation(
  { verdict, policies }: Explanation,
  operation: Operation,
): string {
  const applying = policies.filter((policy) => policy.whyNot === undefined)
  const others = policies.filter((policy) => policy.whyNot !== undefined)
  const lines = [
    ...verdictLines(verdict),
    '',
    'What it does:',
    ...(operation.accesses.length === 0 ? ['  nothing'] : operation.accesses.map(accessLine)),
    '',
    applying.length === 0 ? 'No policy applies.' : 'Policies that apply:',
    ...applying.flatMap(policyLines),
    ...(others.length === 0 ? [] : ['', 'Policies that do not:']),
    ...others.map(({ policy, whyNot }) => `  ${policy}: for other ${whyNot}`),
  ]
  return `${lines.join('\n')}\n`
}

function verdictLines(verdict: Verdict): readonly string[] {
  if (verdict.effect === 'deny') {
    const { code, message, policy, rule, ruleMessage, hint } = verdict.denial
    return [
      `deny (${code})${rule === undefined ? '' : ` by ${policy}/${rule}`}`,
      `  ${message}`,
      ...(ruleMessage === undefined ? [] : [`  ${ruleMessage}`]),
      `  ${hint}`,
    ]
  }
  const { masks, maxRows, onMaxRows, maxSession_ms } = verdict.obligations
  return [
    verdict.effect,
    ...(verdict.effect === 'hold' ? verdict.approval.map(termsLine) : []),
    ...masks.map(maskLine),
    ...(maxRows === undefined
      ? []
      : [`  at most ${maxRows} rows, then ${onMaxRows === 'error' ? 'an error' : 'a notice'}`]),
    ...(maxSession_ms === undefined ? [] : [`  session: at most ${maxSession_ms / 1000} s`]),
  ]
}

function termsLine({ approvers, count, expires_ms, reasonRequired }: ApprovalTerms): string {
  const who = [...approvers.groups.map((group) => `group ${group}`), ...approvers.people].join(', ')
  const reason = reasonRequired ? ', with a reason' : ''
  return `  asks ${count} of ${who} for ${expires_ms / 1000} s${reason}`
}

function maskLine(mask: MaskRule): string {
  const by = `${mask.policy}/${mask.rule}`
  if (mask.type === 'detect')
    return `  masks ${mask.detectors.join(', ')} with ${mask.with.name} (${by})`
  const predicates = mask.predicates === 'deny' ? '; not in conditions' : ''
  return `  masks columns with ${mask.with.name} (${by})${predicates}`
}

function accessLine({ action, object, parts, grant }: Access): string {
  const columns =
    parts === undefined ? '' : parts === 'all' ? ' (all columns)' : ` (${parts.join(', ')})`
  return `  ${action} on ${formatObject(object)}${columns}${grant === 'implied' ? ', implied' : ''}`
}

function policyLines({ policy, rules }: PolicyExplanation): readonly string[] {
  return [`  ${policy}`, ...rules.map(ruleLine)]
}

const PARTS: Readonly<Record<RuleExplanation['part'], string>> = {
  yes: 'takes part',
  action: 'speaks of other actions',
  object: 'speaks of other objects',
  text: 'its texts are not in it',
  condition: 'its condition is false',
  failed: 'its condition failed, so everything is refused',
}

function ruleLine({ rule, effect, part, when }: RuleExplanation): string {
  const mark = part === 'yes' ? '*' : '-'
  return `    ${mark} ${effect} ${rule}: ${PARTS[part]}${when === undefined ? '' : `: ${when}`}`
}
