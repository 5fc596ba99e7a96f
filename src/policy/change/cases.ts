import type { Code } from '../../core/codes.ts'
import type { Denial } from '../../core/denial.ts'
import type { Place } from '../../core/errors.ts'
import { invariant } from '../../core/errors.ts'
import type { Operation } from '../../core/operation.ts'
import type { Principal } from '../../core/principal.ts'
import type { Verdict } from '../../core/verdict.ts'
import { parseDocumentAs } from '../../document/document.ts'
import type { PolicyFile } from '../document.ts'
import type { PolicySet } from '../ruleset.ts'
import type { CaseCatalog, CaseDocument, CaseFile } from './cases-schema.ts'
import { caseFileSchema, objectPath } from './cases-schema.ts'

export interface ParsedCases {
  readonly file: CaseFile
  readonly placeOf: (path: readonly PropertyKey[]) => Place
}

/** What a text would do, by a declared catalog; a denial where that cannot be told. */
export type Classify = (
  text: string,
  catalog: CaseCatalog,
) => { readonly operation: Operation } | { readonly denial: Denial }

export interface CaseResult {
  readonly name: string
  readonly place: Place
  readonly passed: boolean
  /** What was expected and did not come, one sentence each. */
  readonly problems: readonly string[]
  readonly effect: Verdict['effect']
  readonly code?: Code
  /** `policy/rule` of every rule that took part, or of the one that refused. */
  readonly rules: readonly string[]
}

const WHEN_INVALID = { code: 'POLICY_INVALID', what: 'The cases are not valid' } as const

/** Reads a file of cases. Throws InvalidDocument (POLICY_INVALID) with every problem and its place. */
export function parseCases({ file, text }: PolicyFile): ParsedCases {
  const { value, yaml } = parseDocumentAs(text, file, caseFileSchema, WHEN_INVALID)
  return { file: value, placeOf: (path) => yaml.valuePlace(path) }
}

/** `now_ms` is the time of cases that name none. */
export function runCases(
  policies: PolicySet,
  { file, placeOf }: ParsedCases,
  classify: Classify,
  now_ms: number,
): readonly CaseResult[] {
  return file.cases.map((one, index) => {
    const verdict = verdictOf(policies, file, one, classify, now_ms)
    const problems = compare(one, verdict)
    return {
      name: one.name,
      place: placeOf(['cases', index]),
      passed: problems.length === 0,
      problems,
      effect: verdict.effect,
      ...(verdict.effect === 'deny' ? { code: verdict.denial.code } : {}),
      rules: rulesOf(verdict),
    }
  })
}

type Answer = Verdict | { readonly effect: 'deny'; readonly denial: Denial }

function verdictOf(
  policies: PolicySet,
  file: CaseFile,
  one: CaseDocument,
  classify: Classify,
  now_ms: number,
): Answer {
  const resource = one.resource ?? file.resource
  invariant(resource !== undefined, 'the schema has checked the resource')
  const asked = askedFor(one, file.catalog, classify)
  if ('denial' in asked) return { effect: 'deny', denial: asked.denial }
  const at_ms = one.at === undefined ? now_ms : Date.parse(one.at)
  return policies.rulesFor(principalOf(one, file), resource).decide(asked.operation, {
    text: one.sql ?? one.operation?.text ?? '',
    now_ms: at_ms,
    session: { id: 'case', startedAt_ms: at_ms, clientAddress: '127.0.0.1' },
  })
}

function askedFor(one: CaseDocument, catalog: CaseCatalog | undefined, classify: Classify) {
  if (one.sql !== undefined) {
    invariant(catalog !== undefined, 'the schema has checked the catalog')
    return classify(one.sql, catalog)
  }
  invariant(one.operation !== undefined, 'the schema has checked the operation')
  const { kind, accesses, predicates, statements, readOnly, hasWhere, hidden, unseen } =
    one.operation
  const operation: Operation = {
    kind,
    fingerprint: one.name,
    accesses: accesses.map((access) => ({ ...access, object: pathOf(access.object) })),
    predicates: predicates.map(pathOf),
    results: Array.from({ length: statements }, () => 'unknown' as const),
    facts: { statements, readOnly, hasWhere, hidden, unseen },
  }
  return { operation }
}

function pathOf(text: string): readonly string[] {
  const path = objectPath(text)
  invariant(path !== undefined, 'the schema has checked the object')
  return path
}

function principalOf(one: CaseDocument, file: CaseFile): Principal {
  const agent = one.agent ?? file.agent
  invariant(agent !== undefined, 'the schema has checked the agent')
  const { name, owner, purpose, labels, groups, roles } = agent
  return {
    agent: { name, owner, purpose, labels, tenant: '', objectId: '', disabled: false },
    groups,
    roles,
    via: 'token',
    tokenId: 'case',
    tokenExpiresAt_ms: Infinity,
  }
}

function rulesOf(answer: Answer): readonly string[] {
  if (answer.effect === 'deny') {
    const { policy, rule } = answer.denial
    return rule === undefined ? [] : [`${policy}/${rule}`]
  }
  return answer.reasons.map(({ policy, rule }) => `${policy}/${rule}`)
}

function compare(one: CaseDocument, answer: Answer): readonly string[] {
  const problems: string[] = []
  if (answer.effect !== one.expect) {
    const why = answer.effect === 'deny' ? ` (${answer.denial.code}: ${answer.denial.message})` : ''
    return [`expected ${one.expect}, and it is ${answer.effect}${why}`]
  }
  if (one.rule !== undefined && !rulesOf(answer).includes(one.rule)) {
    const found = rulesOf(answer).join(', ')
    problems.push(`expected rule ${one.rule}, and it is ${found === '' ? 'none' : found}`)
  }
  if (answer.effect === 'deny') {
    const { code } = answer.denial
    if (one.code !== undefined && one.code !== code) {
      problems.push(`expected code ${one.code}, and it is ${code}`)
    }
    return problems
  }
  const { masks, maxRows } = answer.obligations
  const isMasked = (column: string) =>
    masks.some((mask) => mask.type === 'columns' && mask.covers(pathOf(column)))
  for (const column of one.masks ?? []) {
    if (!isMasked(column)) problems.push(`${column} is not masked`)
  }
  for (const column of one.clear ?? []) {
    if (isMasked(column)) problems.push(`${column} is masked`)
  }
  if (one.maxRows !== undefined && one.maxRows !== maxRows) {
    problems.push(`expected at most ${one.maxRows} rows, and it is ${maxRows ?? 'no limit'}`)
  }
  return problems
}
