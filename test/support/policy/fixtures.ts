import type { Access, Operation } from '../../../src/core/operation.ts'
import type { Principal } from '../../../src/core/principal.ts'
import type { Resource } from '../../../src/core/resource.ts'
import type { Verdict } from '../../../src/core/verdict.ts'
import { parsePolicies } from '../../../src/policy/document.ts'
import { createPolicySet } from '../../../src/policy/policy-set.ts'
import type { DecisionContext } from '../../../src/policy/ruleset.ts'

export function principalOf(change: {
  readonly name?: string
  readonly groups?: readonly string[]
  readonly roles?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
}): Principal {
  return {
    agent: {
      name: change.name ?? 'etl-1',
      tenant: 't',
      objectId: 'o',
      owner: 'ann',
      purpose: 'load',
      labels: change.labels ?? {},
      disabled: false,
    },
    groups: change.groups ?? [],
    roles: change.roles ?? [],
    via: 'token',
    tokenId: 'x',
    tokenExpiresAt_ms: Infinity,
  }
}

export const salesDb: Resource = { name: 'sales-db', type: 'postgres', labels: { env: 'prod' } }

export const context: DecisionContext = {
  text: 'SELECT 1',
  now_ms: 1000,
  session: { id: 's', startedAt_ms: 0, clientAddress: '10.0.0.1' },
}

/** `sql.select sales.public.t (a, b)`, `(*)` for all parts, `()` for none; `~` before it: implied. */
function access(written: string): Access {
  const [, implied, action, object, list] = /^(~?)(\S+) (\S+?)(?: \((.*)\))?$/.exec(written)!
  const parts = list === '*' ? 'all' : list?.split(/,\s*/).filter((part) => part !== '')
  return {
    action: action!,
    object: object!.split('.'),
    grant: implied === '~' ? 'implied' : 'required',
    ...(parts === undefined ? {} : { parts }),
  }
}

export function operation(accesses: readonly string[], change: Partial<Operation> = {}): Operation {
  return {
    kind: 'TEST',
    fingerprint: 'f',
    accesses: accesses.map(access),
    predicates: [],
    results: [],
    facts: { statements: 1, readOnly: false, hasWhere: true },
    ...change,
  }
}

/** A policy for everyone, of these rules as YAML flow maps. */
export function policyText(rules: readonly string[], name = 'p', head = ''): string {
  const list = rules.map((rule) => `  - ${rule}`).join('\n')
  return `name: ${name}\nsubjects: { agents: ["*"] }\n${head}rules:\n${list}\n`
}

export function rulesetOf(rules: readonly string[], principal = principalOf({})) {
  const parsed = parsePolicies([{ file: 'p.yaml', text: policyText(rules) }])
  return createPolicySet(parsed).rulesFor(principal, salesDb)
}

export function decideBy(
  rules: readonly string[],
  accesses: readonly string[] | Operation,
  change: Partial<DecisionContext> = {},
): Verdict {
  const asked = 'accesses' in accesses ? accesses : operation(accesses)
  return rulesetOf(rules).decide(asked, { ...context, ...change })
}
