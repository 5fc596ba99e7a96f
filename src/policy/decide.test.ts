import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  context,
  decideBy,
  operation,
  policyText,
  principalOf,
  rulesetOf,
  salesDb,
} from '../../test/support/policy/fixtures.ts'
import type { Verdict } from '../core/verdict.ts'
import { parsePolicies } from './document.ts'
import { createPolicySet } from './policy-set.ts'

const ALLOW = '{ id: a, allow: { actions: [sql.*] } }'
const HOLD = '{ id: h, hold: { actions: [sql.*] }, approvers: { groups: [dba] } }'
const DENY = '{ id: d, deny: { actions: [sql.*] } }'
const READ = '{ id: read, allow: { actions: [sql.select], objects: [sales.public.*] } }'

function allow(objects: string, more = ''): string {
  return `{ id: a, allow: { actions: [sql.*], objects: [${objects}] }${more} }`
}
function deny(objects: string, more = ''): string {
  return `{ id: d, deny: { actions: [sql.*], objects: [${objects}] }${more} }`
}
function hold(objects: string, more = ''): string {
  const matcher = `{ actions: [sql.*], objects: [${objects}] }`
  return `{ id: h, hold: ${matcher}, approvers: { groups: [dba] }${more} }`
}
function codeOf(verdict: Verdict): string {
  return verdict.effect === 'deny' ? verdict.denial.code : verdict.effect
}

describe('combination', () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [[ALLOW], 'allow'],
    [[HOLD], 'hold'],
    [[DENY], 'POLICY_DENIED'],
    [[ALLOW, HOLD], 'hold'],
    [[HOLD, ALLOW, DENY], 'POLICY_DENIED'],
    [[DENY, HOLD], 'POLICY_DENIED'],
  ]
  for (const [rules, expected] of cases) {
    it(`${rules.map((rule) => rule.slice(6, 7)).join(' ')}: ${expected}`, () => {
      assert.equal(codeOf(decideBy(rules, ['sql.select sales.public.t'])), expected)
    })
  }

  it('what no rule allows is denied', () => {
    assert.equal(codeOf(decideBy([READ], ['sql.select sales.hr.t'])), 'POLICY_NO_MATCH')
    assert.equal(codeOf(decideBy([READ], ['sql.update sales.public.t'])), 'POLICY_NO_MATCH')
    const second = ['sql.select sales.public.t', 'sql.select sales.hr.t']
    assert.equal(codeOf(decideBy([READ], second)), 'POLICY_NO_MATCH')
  })

  it('what has no access at all is refused', () => {
    assert.equal(codeOf(decideBy([ALLOW], [])), 'POLICY_NO_MATCH')
    assert.equal(codeOf(decideBy([ALLOW, '{ id: d, deny: { text: [x] } }'], [])), 'POLICY_NO_MATCH')
  })

  it('what touches nothing is refused by its text', () => {
    const asked = ['~sql.none sales']
    assert.equal(codeOf(decideBy([READ], asked)), 'allow')
    const text = '{ id: d, deny: { text: [sleep] } }'
    assert.equal(codeOf(decideBy([READ, text], asked, { text: 'sleep' })), 'POLICY_DENIED')
  })

  it('takes what cannot be read for what a denial or a hold looks for, and for no more', () => {
    const facts = { statements: 1, readOnly: false, hasWhere: true, unread: true as const }
    const asked = operation(['sql.select sales.public.t'], { facts })
    const text = '{ id: d, deny: { text: [sleep] } }'
    assert.equal(codeOf(decideBy([ALLOW, text], asked)), 'POLICY_DENIED')
    const hold = '{ id: h, hold: { text: [sleep] }, approvers: { groups: [dba] } }'
    assert.equal(codeOf(decideBy([ALLOW, hold], asked)), 'hold')
    const read = ALLOW.replace(/ }$/, ', when: \'op.text != "sleep"\' }')
    assert.equal(codeOf(decideBy([read], asked)), 'POLICY_CONDITION_ERROR')
    assert.equal(codeOf(decideBy([ALLOW], asked)), 'allow')
  })

  it('knows how many values people are not shown', () => {
    const facts = { statements: 1, readOnly: false, hasWhere: true }
    const asked = (hidden: number) =>
      operation(['sql.select sales.public.t'], { facts: { ...facts, hidden } })
    const rules = [ALLOW, '{ id: d, deny: { actions: ["**"] }, when: op.hidden > 1 }']
    assert.equal(codeOf(decideBy(rules, asked(1))), 'allow')
    assert.equal(codeOf(decideBy(rules, asked(2))), 'POLICY_DENIED')
    assert.equal(codeOf(decideBy(rules, operation(['sql.select sales.public.t']))), 'allow')
  })

  it('names every rule that took part', () => {
    const { reasons } = decideBy([ALLOW, HOLD], ['sql.select sales.public.t'])
    assert.deepEqual(
      reasons.map(({ rule, effect }) => [rule, effect]),
      [
        ['a', 'allow'],
        ['h', 'hold'],
      ],
    )
  })
})

describe('objects', () => {
  //       rules, access, expected
  const cases: readonly (readonly [string, readonly string[], string, string])[] = [
    ['allow needs the whole', [allow('s.t')], 'sql.drop s', 'POLICY_NO_MATCH'],
    ['allow reaches inside', [allow('s')], 'sql.select s.t (a)', 'allow'],
    ['deny of a part of what is dropped', [ALLOW, deny('s.t.x')], 'sql.drop s', 'POLICY_DENIED'],
    ['deny of something else', [ALLOW, deny('s.u')], 'sql.drop s.t', 'allow'],
    [
      'deny of a column that is read',
      [ALLOW, deny('s.t.x')],
      'sql.select s.t (a, x)',
      'POLICY_DENIED',
    ],
    ['deny of a column that is not', [ALLOW, deny('s.t.x')], 'sql.select s.t (a, b)', 'allow'],
    [
      'deny of a column, all unknown',
      [ALLOW, deny('s.t.x')],
      'sql.select s.t (*)',
      'POLICY_DENIED',
    ],
    ['deny of a column, none read', [ALLOW, deny('s.t.x')], 'sql.select s.t ()', 'allow'],
    [
      'deny of a column, no columns told',
      [ALLOW, deny('s.t.x')],
      'sql.delete s.t',
      'POLICY_DENIED',
    ],
    ['deny of the table, none read', [ALLOW, deny('s.t')], 'sql.select s.t ()', 'POLICY_DENIED'],
    ['deny by name anywhere', [ALLOW, deny('"**.ssn"')], 'sql.select s.t (ssn)', 'POLICY_DENIED'],
    ['deny by name, other column', [ALLOW, deny('"**.ssn"')], 'sql.select s.t (id)', 'allow'],
    [
      'deny of a field in a column',
      [ALLOW, deny('s.t.a.city')],
      'sql.select s.t (a)',
      'POLICY_DENIED',
    ],
    ['allow of columns', [allow('s.t.a, s.t.b')], 'sql.select s.t (a, b)', 'allow'],
    ['allow of too few columns', [allow('s.t.a')], 'sql.select s.t (a, b)', 'POLICY_NO_MATCH'],
    ['allow of columns, all unknown', [allow('s.t.a')], 'sql.select s.t (*)', 'POLICY_NO_MATCH'],
    ['allow of columns, no columns told', [allow('s.t.a')], 'sql.delete s.t', 'POLICY_NO_MATCH'],
    ['allow of columns, none read', [allow('s.t.a')], 'sql.select s.t ()', 'allow'],
    [
      'allow by name anywhere, none read',
      [allow('"**.a"')],
      'sql.select s.t ()',
      'POLICY_NO_MATCH',
    ],
    ['allow by name below, none read', [allow('s.**.a')], 'sql.select s.t ()', 'POLICY_NO_MATCH'],
    ['allow of named tables, none read', [allow('"**.t.a"')], 'sql.select s.t ()', 'allow'],
    ['allow of any table, none read', [allow('s.*.a')], 'sql.select s.t ()', 'POLICY_NO_MATCH'],
    ['allow of like tables, none read', [allow('s.t*.a')], 'sql.select s.t ()', 'POLICY_NO_MATCH'],
    ['allow of any schema, none read', [allow('"*.t.a"')], 'sql.select s.t ()', 'allow'],
    ['allow of a field, none read', [allow('s.t.a.b')], 'sql.select s.t ()', 'POLICY_NO_MATCH'],
    ['allow of columns, the database', [allow('s.t.a')], 'sql.select s ()', 'POLICY_NO_MATCH'],
    ['allow of other tables, none read', [allow('s.u.a')], 'sql.select s.t ()', 'POLICY_NO_MATCH'],
    ['hold of a column that is read', [ALLOW, hold('s.t.x')], 'sql.select s.t (x)', 'hold'],
    ['hold of a column that is not', [ALLOW, hold('s.t.x')], 'sql.select s.t (a)', 'allow'],
    [
      'hold of a column grants that alone',
      [hold('s.t.x')],
      'sql.select s.t (a, x)',
      'POLICY_NO_MATCH',
    ],
    ['hold of a column, all unknown', [ALLOW, hold('s.t.x')], 'sql.select s.t (*)', 'hold'],
    ['deny of implied accesses', [ALLOW, deny('s.t')], '~sql.select s.t (a)', 'POLICY_DENIED'],
    ['hold of implied accesses', [hold('s.t')], '~sql.select s.t (a)', 'hold'],
    ['implied accesses need no allow', [READ], '~sql.transaction s', 'allow'],
  ]
  for (const [what, rules, asked, expected] of cases) {
    it(`${what}: ${expected}`, () => assert.equal(codeOf(decideBy(rules, [asked])), expected))
  }

  it('columns may be allowed by several rules together', () => {
    const two = [allow('s.t.a'), allow('s.t.b').replace('id: a', 'id: b')]
    assert.equal(codeOf(decideBy(two, ['sql.select s.t (a, b)'])), 'allow')
    assert.equal(codeOf(decideBy(two, ['sql.select s.t (a, b, c)'])), 'POLICY_NO_MATCH')
    const mixed = [allow('s.t.a'), hold('s.t.b')]
    assert.equal(codeOf(decideBy(mixed, ['sql.select s.t (a, b)'])), 'hold')
  })

  it('a deny or a hold without actions is for any action, and such a hold grants nothing', () => {
    const any = '{ id: d, deny: { objects: [s.t] } }'
    assert.equal(codeOf(decideBy([ALLOW, any], ['sql.lock s.t'])), 'POLICY_DENIED')
    const held = '{ id: h, hold: { objects: [s.t] }, approvers: { people: [x] } }'
    assert.equal(codeOf(decideBy([held], ['sql.lock s.t'])), 'POLICY_NO_MATCH')
    assert.equal(codeOf(decideBy([held, ALLOW], ['sql.lock s.t'])), 'hold')
  })
})

describe('refusals', () => {
  const refusal = (rules: readonly string[], accesses: readonly string[], text = '') => {
    const verdict = decideBy(rules, accesses, { text })
    assert.equal(verdict.effect, 'deny')
    return verdict.effect === 'deny' ? verdict.denial : assert.fail()
  }

  it('by a deny: what, by which rule, and its own words', () => {
    const rule = deny('s.t', ', message: Not here., hint: Go there.')
    const denial = refusal([ALLOW, rule], ['sql.select s.u', 'sql.select s.t (a)'])
    assert.deepEqual(denial, {
      code: 'POLICY_DENIED',
      message: 'Agent etl-1 may not do sql.select on s.t (a).',
      policy: 'p',
      rule: 'd',
      ruleMessage: 'Not here.',
      hint: 'Go there.',
    })
  })

  it('by a text: the rule, and no access that it does not speak of', () => {
    const text = '{ id: slow, deny: { text: ["(?i)pg_sleep"] } }'
    const { message, rule } = refusal([ALLOW, text], ['sql.select s.t'], 'PG_SLEEP(1)')
    assert.equal(message, 'Agent etl-1 may not run a text that rule p/slow matches.')
    assert.equal(rule, 'slow')
  })

  it('without a rule: what is missing, and what comes nearest', () => {
    const { message, hint } = refusal([allow('s.t.a')], ['sql.select s.t (a, b)'])
    assert.equal(message, 'Agent etl-1 has no rule that allows sql.select on s.t (b).')
    assert.equal(hint, "It may do sql.select on s.t.a. For more, ask ann, the agent's owner.")
    assert.match(refusal([READ], ['sql.select x.y.z']).hint, /^It may do sql.select on sales\.pub/)
    assert.match(refusal([READ], ['sql.drop x']).hint, /^No rule gives it sql\.drop here\./)
  })

  it('without a rule, where a condition kept one out', () => {
    const rule = hold('s.t', ', when: op.hasWhere')
    const asked = operation(['sql.delete s.t'], {
      facts: { statements: 1, readOnly: false, hasWhere: false },
    })
    const verdict = decideBy([rule], asked)
    assert.ok(verdict.effect === 'deny')
    assert.match(
      verdict.denial.hint,
      /^Rule p\/h lets it ask for that, but only where op\.hasWhere\. For more/,
    )
  })

  it('are told before a column that is granted', () => {
    const many = Array.from({ length: 8 }, (_, at) => `c${at}`).join(', ')
    const { message } = refusal([allow('s.t.c0')], [`sql.select s.t (${many})`])
    assert.ok(message.endsWith('(c1, c2, c3, c4, c5 and 2 more).'))
  })
})

describe('conditions', () => {
  const when = (rule: string, source: string) => rule.replace(/ }$/, `, when: '${source}' }`)
  const asked = ['sql.update s.t']

  it('keep a rule out where they are false', () => {
    assert.equal(codeOf(decideBy([when(ALLOW, 'op.hasWhere')], asked)), 'allow')
    assert.equal(codeOf(decideBy([when(ALLOW, '!op.hasWhere')], asked)), 'POLICY_NO_MATCH')
    assert.equal(codeOf(decideBy([ALLOW, when(DENY, '!op.hasWhere')], asked)), 'allow')
    assert.equal(codeOf(decideBy([ALLOW, when(HOLD, '!op.hasWhere')], asked)), 'allow')
  })

  it('deny where they fail, whatever their rule would have said', () => {
    for (const rule of [ALLOW, HOLD, DENY]) {
      const failing = when(rule.replace(/id: ./, 'id: f'), 'agent.labels.none == "x"')
      const verdict = decideBy([ALLOW, failing], asked)
      assert.ok(verdict.effect === 'deny')
      assert.equal(verdict.denial.code, 'POLICY_CONDITION_ERROR')
      assert.equal(verdict.denial.rule, 'f')
    }
  })

  it('are not asked where the rule does not speak of the operation, or its text', () => {
    const other = when(deny('s.u'), 'agent.labels.none == "x"')
    assert.equal(codeOf(decideBy([ALLOW, other], asked)), 'allow')
    const text = '{ id: d, deny: { text: [x] }, when: agent.labels.none == "x" }'
    assert.equal(codeOf(decideBy([ALLOW, text], asked, { text: 'y' })), 'allow')
    assert.equal(codeOf(decideBy([ALLOW, text], asked, { text: 'x' })), 'POLICY_CONDITION_ERROR')
  })

  it('tell how long the verdict keeps', () => {
    const keeps = (rules: readonly string[]) => decideBy(rules, asked).keeps
    assert.equal(keeps([ALLOW]), 'shape')
    assert.equal(keeps([when(ALLOW, 'op.hasWhere')]), 'shape')
    assert.equal(keeps([ALLOW, '{ id: d, deny: { text: [zz] } }']), 'text')
    assert.equal(keeps([ALLOW, when(HOLD, 'op.text == "x"')]), 'text')
    assert.equal(keeps([when(ALLOW, 'op.text != "x"'), when(DENY, 'now < now')]), 'moment')
    assert.equal(keeps([ALLOW, when(deny('s.u'), 'now < now')]), 'shape')
  })
})

describe('obligations', () => {
  const limits = (rules: readonly string[]) => {
    const verdict = decideBy(rules, ['sql.select s.t (a, b)'])
    assert.ok(verdict.effect !== 'deny')
    return verdict.obligations
  }

  it('of all that takes part add up, strictest wins', () => {
    const rules = [
      allow('s.t', ', maxRows: 100, maxSession: 1h, onMaxRows: notice'),
      allow('s', ', maxRows: 10, maxSession: 2h, onMaxRows: notice').replace('id: a', 'id: b'),
      hold('s.t.a', ', mask: [{ columns: [s.t.b], with: hash }]'),
      allow('z', ', maxRows: 1').replace('id: a', 'id: z'),
    ]
    const { maxRows, maxSession_ms, onMaxRows, masks } = limits(rules)
    assert.deepEqual([maxRows, maxSession_ms, onMaxRows], [10, 3_600_000, 'notice'])
    assert.equal(masks.length, 1)
    const stricter = allow('s', ', maxRows: 500').replace('id: a', 'id: c')
    assert.equal(limits([...rules, stricter]).onMaxRows, 'error')
    assert.equal(limits([ALLOW]).onMaxRows, 'error')
  })

  it('of an allow count where it speaks of only a part of what is read', () => {
    const masking = allow('s.t.b', ', mask: [{ columns: [s.t.b], with: null }]')
    const verdict = decideBy([ALLOW.replace('id: a', 'id: w'), masking], ['sql.select s.t (*)'])
    assert.ok(verdict.effect === 'allow')
    assert.equal(verdict.obligations.masks.length, 1)
  })

  it('name the terms of each holding rule', () => {
    const second = hold('s', ', expires: 1m, reason: required').replace('id: h', 'id: i')
    const verdict = decideBy([hold('s.t'), second], ['sql.select s.t'])
    assert.ok(verdict.effect === 'hold')
    assert.deepEqual(
      verdict.approval.map(({ expires_ms, reasonRequired }) => [expires_ms, reasonRequired]),
      [
        [900_000, false],
        [60_000, true],
      ],
    )
  })

  it('compile masks: columns by cover, detectors by name', () => {
    const mask = '[{ columns: [s.t.e*, s.u], with: email }, { detect: [us-ssn] }]'
    const { masks } = limits([allow('s', `, mask: ${mask}`)])
    const [columns, detect] = masks
    assert.ok(columns?.type === 'columns' && detect?.type === 'detect')
    assert.ok(columns.covers(['s', 't', 'email']) && columns.covers(['s', 'u', 'x']))
    assert.ok(!columns.covers(['s', 't', 'name']) && !columns.covers(['s', 't']))
    assert.deepEqual([columns.with, detect.with], [{ name: 'email' }, { name: 'redact' }])
    assert.deepEqual([columns.policy, columns.rule, columns.predicates], ['p', 'a', 'allow'])
  })
})

describe('ways around a mask', () => {
  const masked = (more = '') => allow('s', `, mask: [{ columns: [s.t.email], with: email${more} }]`)
  const email = ['s', 't', 'email']

  it('conditions are refused where the rule says so', () => {
    const asked = operation(['sql.select s.t (id, email)'], { predicates: [email] })
    const verdict = decideBy([masked(', predicates: deny')], asked)
    assert.equal(codeOf(verdict), 'MASKED_PREDICATE')
    assert.equal(codeOf(decideBy([masked()], asked)), 'allow')
  })

  it('copies are refused always, also of what cannot be traced', () => {
    for (const from of [email, 'unknown'] as const) {
      const asked = operation(['sql.insert s.v (x)'], { copies: [{ from, to: ['s', 'v', 'x'] }] })
      assert.equal(codeOf(decideBy([masked()], asked)), 'MASK_UNPROVABLE')
      assert.equal(codeOf(decideBy([ALLOW], asked)), 'allow')
    }
    const other = operation(['sql.insert s.v (x)'], {
      copies: [{ from: ['s', 't', 'id'], to: ['s', 'v', 'x'] }],
    })
    assert.equal(codeOf(decideBy([masked()], other)), 'allow')
  })

  it('a refusal names a column and no value', () => {
    const asked = operation(['sql.select s.t (id)'], { predicates: [email] })
    const verdict = decideBy([masked(', predicates: deny')], asked, { text: "x = 'secret'" })
    assert.ok(verdict.effect === 'deny')
    assert.ok(!JSON.stringify(verdict.denial).includes('secret'))
    assert.match(verdict.denial.message, /s\.t\.email/)
  })
})

describe('what is remembered', () => {
  const asked = operation(['sql.select s.t'])
  const decide = (rules: readonly string[], text: string, op = asked, set = rulesetOf(rules)) =>
    set.decide(op, { ...context, text })

  it('the verdict of a shape', () => {
    const set = rulesetOf([ALLOW])
    assert.equal(decide([], 'a', asked, set), decide([], 'b', asked, set))
  })

  it('the verdict of a text, for that operation and agent alone', () => {
    const rules = [ALLOW, '{ id: d, deny: { text: [b], actions: [sql.select] } }']
    const text = policyText(rules)
    const policies = createPolicySet(parsePolicies([{ file: 'p.yaml', text }]))
    const set = policies.rulesFor(principalOf({}), salesDb)
    const first = decide([], 'a', asked, set)
    assert.equal(decide([], 'a', asked, set), first)
    assert.equal(codeOf(decide([], 'b', asked, set)), 'POLICY_DENIED')
    assert.equal(codeOf(decide([], 'a', operation(['sql.select s.t']), set)), 'allow')
    const other = policies.rulesFor(principalOf({ name: 'x' }), salesDb)
    assert.notEqual(decide([], 'a', asked, other), first)
    assert.match(JSON.stringify(decide([], 'b', asked, other)), /Agent x/)
  })

  it('nothing that the next moment may change', () => {
    const rule = ALLOW.replace(/ }$/, `, when: 'now < timestamp("1970-01-01T00:00:02Z")' }`)
    const set = rulesetOf([rule])
    assert.equal(codeOf(set.decide(asked, { ...context, now_ms: 1999 })), 'allow')
    assert.equal(codeOf(set.decide(asked, { ...context, now_ms: 2000 })), 'POLICY_NO_MATCH')
  })
})

describe('case', () => {
  const storage = { name: 'acme', type: 'azure-storage', labels: {} } as const
  const manager = { name: 'arm', type: 'azure-arm', labels: {} } as const
  const set = (rule: string) =>
    createPolicySet(parsePolicies([{ file: 'p.yaml', text: policyText([rule]) }]))
  const effect = (rule: string, resource: typeof storage | typeof manager, object: string) => {
    const access = { action: 'A/read', object: object.split('/'), grant: 'required' } as const
    const asked = { ...operation([]), accesses: [access] }
    return set(rule).rulesFor(principalOf({}), resource).decide(asked, context).effect
  }

  it('counts in grants where the target tells names apart by it', () => {
    const rule = "{ id: a, allow: { actions: ['A/*'], objects: [acme/logs/public/**] } }"
    assert.equal(effect(rule, storage, 'acme/logs/public/x'), 'allow')
    assert.equal(effect(rule, storage, 'acme/logs/Public/x'), 'deny')
    assert.equal(effect(rule, manager, 'acme/logs/Public/x'), 'allow')
  })

  it('never counts in denials', () => {
    const rules = [
      '{ id: a, allow: { actions: ["*"] } }',
      "{ id: d, deny: { actions: ['a/*'], objects: [acme/logs/secret/**] } }",
    ]
    const policies = createPolicySet(parsePolicies([{ file: 'p.yaml', text: policyText(rules) }]))
    const access = {
      action: 'A/read',
      object: ['acme', 'logs', 'SECRET'],
      grant: 'required',
    } as const
    const asked = { ...operation([]), accesses: [access] }
    assert.equal(policies.rulesFor(principalOf({}), storage).decide(asked, context).effect, 'deny')
  })
})

describe('masks of rules that take no part', () => {
  const read = `{ id: read, allow: { actions: [sql.select], objects: [sales.public.*] }, mask: [{ columns: [sales.public.t.e], with: redact }, { detect: [email], with: redact }] }`
  const write = '{ id: write, allow: { actions: [sql.update], objects: [sales.*] } }'

  it('come along: columns all, detectors of what is touched', () => {
    const touched = decideBy([read, write], ['sql.update sales.public.t'])
    assert.ok(touched.effect === 'allow')
    assert.deepEqual(touched.obligations.masks, [])
    assert.equal(touched.obligations.wordMasks?.length, 1)
    assert.deepEqual(
      touched.obligations.wordDetects?.map(({ detectors, rule }) => [detectors, rule]),
      [[['email'], 'read']],
    )
    const other = decideBy([read, write], ['sql.update sales.hr.t'])
    assert.ok(other.effect === 'allow')
    assert.equal(other.obligations.wordMasks?.length, 1)
    assert.deepEqual(other.obligations.wordDetects, [])
  })
})
