import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  context,
  operation,
  policyText,
  principalOf,
  salesDb,
} from '../../test/support/policy/fixtures.ts'
import { parsePolicies } from './document.ts'
import { createPolicySet } from './policy-set.ts'

/** What is kept of one decision and used for the next must be what the next would have been told. */

const any = fc.constantFrom

const matcher = fc.record({
  actions: any('sql.*', 'sql.select', 'sql.update'),
  objects: any('s.p.*', 's.p.t', 's.q.**', '**.a', 's.p.t.a'),
})
const effect = fc.oneof(
  { weight: 4, arbitrary: any('allow' as const) },
  { weight: 1, arbitrary: any('deny' as const, 'hold' as const) },
)
const text = any('', ", text: ['x']", ", text: ['^y']")
const when = any(
  '',
  'op.hasWhere',
  'op.readOnly',
  'op.kind == "A"',
  'op.statements > 1',
  'op.objects.exists(o, o.endsWith(".t"))',
  'op.text.contains("x")',
  'op["text"] == "y"',
  'now > timestamp("1970-01-01T00:00:05Z")',
  'session.clientAddress == "c"',
  'session.id == "s"',
  'agent.labels["team"] == "red"',
)
const duties = any(
  '',
  ', maxRows: 5',
  ', maxRows: 7, onMaxRows: notice',
  ", mask: [{ columns: ['s.p.t.a'], with: redact, predicates: deny }]",
  ", mask: [{ columns: ['**.b'], with: hash }]",
  ', mask: [{ detect: [email], with: redact }]',
)

const rule = fc
  .tuple(matcher, effect, text, when, duties)
  .map(([match, what, texts, if_, duty]) => {
    const words = what === 'allow' ? '' : texts
    const of = `${what}: { actions: ['${match.actions}'], objects: ['${match.objects}']${words} }`
    const terms = { allow: '', deny: '', hold: ', approvers: { groups: [g] }' }[what]
    return of + terms + (if_ === '' ? '' : `, when: '${if_}'`) + (what === 'deny' ? '' : duty)
  })

const path = any(['s', 'p', 't', 'a'], ['s', 'p', 't', 'b'], ['s', 'q', 'u', 'b'])
const access = any(
  'sql.select s.p.t (a)',
  'sql.select s.p.t (a, b)',
  'sql.select s.p.t (b, a)',
  'sql.select s.p.t (*)',
  'sql.select s.p.t ()',
  '~sql.select s.p.t (a)',
  'sql.update s.q.u (b)',
  '~sql.update s.q.u',
)
/** They differ in little. */
const alike = any(['sql.select s.p.t (a)'], ['~sql.select s.p.t (a)'], ['sql.select s.p.t (a, b)'])
const copy = fc.record(
  { from: path, to: path, defined: any(true as const) },
  { requiredKeys: ['from', 'to'] },
)
const asked = fc
  .record({
    accesses: fc.oneof(fc.array(access, { maxLength: 3 }), alike),
    kind: any('A', 'B'),
    predicates: fc.array(path, { maxLength: 1 }),
    results: fc.array(
      path.map((column) => [{ name: 'x', sources: [{ column, exact: false }] }]),
      { maxLength: 1 },
    ),
    copies: fc.array(copy, { maxLength: 1 }),
    facts: fc.record({ statements: any(1, 2), readOnly: fc.boolean(), hasWhere: fc.boolean() }),
  })
  .map(({ accesses, ...rest }) => operation(accesses, rest))
const moment = fc.record({
  text: any('x', 'y', 'z'),
  now_ms: any(1000, 9000),
  session: fc.record({ id: any('s', 'r'), startedAt_ms: any(0), clientAddress: any('c', 'd') }),
})
const principal = any({}, { labels: { team: 'red' } }, { labels: { team: 'blue' } })

test('what was decided before changes no decision', () => {
  const effects = new Set<string>()
  fc.assert(
    fc.property(
      fc.array(rule, { minLength: 1, maxLength: 5 }),
      fc.array(asked, { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(), moment, principal), { minLength: 1, maxLength: 25 }),
      (rules, operations, questions) => {
        const written = rules.map((one, index) => `{ id: r${index}, ${one} }`)
        const parsed = parsePolicies([{ file: 'p.yaml', text: policyText(written) }])
        const kept = createPolicySet(parsed)
        for (const [which, at, who] of questions) {
          const one = operations[which % operations.length]!
          const now = { ...context, ...at }
          const agent = principalOf(who)
          const told = kept.rulesFor(agent, salesDb).decide(one, now)
          const fresh = createPolicySet(parsed).rulesFor(agent, salesDb).decide(one, now)
          assert.deepStrictEqual(told, fresh)
          effects.add(told.effect === 'deny' ? told.denial.code : told.effect)
        }
      },
    ),
    { numRuns: 300 },
  )
  for (const one of ['allow', 'hold', 'POLICY_DENIED', 'POLICY_NO_MATCH', 'MASKED_PREDICATE']) {
    assert.ok(effects.has(one), `${one} was met`)
  }
})
