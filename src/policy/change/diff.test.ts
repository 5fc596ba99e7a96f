import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { policyText } from '../../../test/support/policy/fixtures.ts'
import { parsePolicies } from '../document.ts'
import { LINES_MAX } from '../limits.ts'
import type { LineChange } from './diff.ts'
import { diffPolicies } from './diff.ts'
import { formatDiff, givesNothing } from './format-diff.ts'

function policies(rules: readonly string[], head = '') {
  return parsePolicies([{ file: 'p.yaml', text: policyText(rules, 'p', head) }]).policies
}
function diff(before: readonly string[], after: readonly string[], heads = ['', '']) {
  return diffPolicies(policies(before, heads[0]), policies(after, heads[1]))
}
const brief = (changes: readonly LineChange[]) =>
  changes.map(({ effect, action, object, mayDiffer }) =>
    [effect, action, object, ...(mayDiffer ? ['?'] : [])].join(' '),
  )

const allow = (id: string, actions: string, objects: string, more = '') =>
  `{ id: ${id}, allow: { actions: [${actions}], objects: [${objects}] }${more} }`
const hold = (id: string, actions: string, objects: string, more = '') =>
  `{ id: ${id}, hold: { actions: [${actions}], objects: [${objects}] }, approvers: { groups: [dba] }${more} }`
const deny = (id: string, actions: string, objects: string, more = '') =>
  `{ id: ${id}, deny: { actions: [${actions}], objects: [${objects}] }${more} }`

describe('grants', () => {
  it('that are the same in other words are no change', () => {
    const found = diff(
      [allow('a', 'sql.select, sql.update', 's.t, s.u')],
      [allow('x', 'sql.select', 's.t, s.u'), allow('y', 'sql.update', 's.t, s.u')],
    )
    assert.equal(formatDiff(found), 'Nothing changes.\n')
  })

  it('are found on both sides', () => {
    const found = diff([allow('a', 'sql.select', 's.t')], [allow('a', 'sql.*', 's.t, s.u')])
    assert.deepEqual(brief(found.granted), ['allow sql.* s.t', 'allow sql.* s.u'])
    assert.deepEqual(found.takenAway, [])
    const back = diff([allow('a', 'sql.*', 's.t, s.u')], [allow('a', 'sql.select', 's.t')])
    assert.deepEqual(brief(back.takenAway), ['allow sql.* s.t', 'allow sql.* s.u'])
    assert.ok(givesNothing(back) && !givesNothing(found))
  })

  it('to others, or elsewhere, are grants', () => {
    const rule = [allow('a', 'sql.select', 's.t')]
    const wider = diff(rule, rule, ['resources: { labels: { env: test } }\n', ''])
    assert.equal(wider.granted.length, 1)
    assert.equal(diff(rule, rule, ['', 'resources: { types: [postgres] }\n']).granted.length, 0)
    const [old] = [policies(rule)]
    const some = parsePolicies([
      { file: 'p', text: policyText(rule).replace('agents: ["*"]', 'agents: [a-*], groups: [g]') },
    ]).policies
    assert.deepEqual(diffPolicies(old, some).granted, [])
    assert.deepEqual(
      diffPolicies(some, old).granted.map(({ subject }) => subject),
      ['agent *'],
    )
    assert.deepEqual(
      diffPolicies(some, []).takenAway.map(({ subject }) => subject),
      ['agent a-*', 'group g'],
    )
  })

  it('under other conditions may differ', () => {
    const [plain, one, other] = ['', ', when: op.hasWhere', ', when: op.readOnly'].map((when) =>
      allow('a', 'sql.delete', 's.t', when),
    )
    assert.deepEqual(brief(diff([one!], [other!]).granted), ['allow sql.delete s.t ?'])
    assert.deepEqual(brief(diff([one!], [plain!]).granted), ['allow sql.delete s.t ?'])
    assert.deepEqual(diff([plain!], [one!]).granted, [])
    assert.deepEqual(brief(diff([plain!], [one!]).takenAway), ['allow sql.delete s.t ?'])
    assert.deepEqual(diff([one!], [one!]).granted, [])
  })
})

describe('gates', () => {
  it('count where something is allowed behind them', () => {
    const all = allow('a', 'sql.*', 's')
    assert.deepEqual(brief(diff([all, deny('d', 'sql.delete', 's.t')], [all]).loosened), [
      'deny sql.delete s.t',
    ])
    assert.deepEqual(diff([all, deny('d', 'sql.delete', 'z')], [all]).loosened, [])
    assert.deepEqual(brief(diff([all], [all, hold('h', 'sql.*', 's.t')]).tightened), [
      'hold sql.* s.t',
    ])
  })

  it('a hold that becomes an allow is loosened, not granted', () => {
    const found = diff([hold('h', 'sql.update', 's.t')], [allow('h', 'sql.update', 's.t')])
    assert.deepEqual(found.granted, [])
    assert.deepEqual(brief(found.loosened), ['hold sql.update s.t'])
    assert.ok(!givesNothing(found))
  })

  it('a hold that becomes a deny gives nothing', () => {
    const found = diff([hold('h', 'sql.update', 's.t')], [deny('h', 'sql.update', 's.t')])
    assert.ok(givesNothing(found))
    assert.deepEqual(brief(found.takenAway), ['hold sql.update s.t'])
  })

  it('by text are compared as texts', () => {
    const all = allow('a', 'sql.*', 's')
    const text = (list: string) => `{ id: t, deny: { text: [${list}] } }`
    const found = diff([all, text('a, b')], [all, text('a')])
    assert.equal(found.loosened.length, 1)
    assert.match(formatDiff(found), /deny \* on \*\*, of texts with a or b \(p\/t\)/)
    assert.equal(diff([all, text('a')], [all, text('a, b')]).loosened.length, 0)
  })
})

describe('obligations', () => {
  const masked = (mask: string, more = '') =>
    allow('a', 'sql.select', 's.t', `, mask: [${mask}]${more}`)
  const email = '{ columns: [s.t.email], with: email }'
  const weaker = (before: string, after: string) =>
    diff([before], [after])
      .obligations.filter(({ direction }) => direction === 'weaker')
      .map(({ what }) => what)

  it('that are gone are weaker', () => {
    const plain = allow('a', 'sql.select', 's.t')
    assert.deepEqual(weaker(masked(email), plain), ['mask of s.t.email with {"name":"email"}'])
    assert.deepEqual(weaker(plain, masked(email)), [])
    assert.equal(diff([plain], [masked(email)]).obligations[0]?.direction, 'stronger')
    assert.equal(weaker(masked('{ detect: [us-ssn] }'), plain).length, 1)
  })

  it('that another rule still demands are not', () => {
    const other = allow('b', 'sql.*', 's', `, mask: [{ columns: ["s.t.*"], with: email }]`)
    const found = diff([masked(email), other], [allow('a', 'sql.select', 's.t'), other])
    assert.deepEqual(found.obligations, [])
  })

  it('are limits and approvals too', () => {
    const limit = (rows: number) => allow('a', 'sql.select', 's.t', `, maxRows: ${rows}`)
    assert.deepEqual(weaker(limit(10), limit(20)), ['maxRows 10'])
    assert.deepEqual(weaker(limit(20), limit(10)), [])
    const notice = limit(10).replace(' }', ' }, onMaxRows: notice').replace(/ }$/, ' }')
    assert.deepEqual(weaker(limit(10), notice), ['onMaxRows error'])
    const two = hold('h', 'sql.update', 's.t').replace('[dba]', '[dba], count: 2')
    assert.equal(weaker(two, hold('h', 'sql.update', 's.t')).length, 1)
  })
})

describe('obligations where grants meet in part', () => {
  const weaker = (before: readonly string[], after: readonly string[]) =>
    diff(before, after)
      .obligations.filter(({ direction }) => direction === 'weaker')
      .map(({ what, rule }) => `${rule}: ${what}`)
  const mask = ', mask: [{ columns: [s.p.t.email], with: redact }]'
  const redacted = 'mask of s.p.t.email with {"name":"redact"}'

  it('a masked rule that is narrowed away, while another still grants', () => {
    const work = allow('w', 'sql.*', 's.p.t')
    const old = [allow('r', 'sql.select', 's.p.*', mask), work]
    assert.deepEqual(weaker(old, [allow('r', 'sql.select', 's.p.u'), work]), [`r: ${redacted}`])
    assert.deepEqual(weaker(old, [allow('r', 'sql.select', 's.p.u')]), [])
    assert.deepEqual(weaker(old, [allow('r', 'sql.select', 's.p.t', mask), work]), [])
    assert.deepEqual(weaker(old, old), [])
  })

  it('a rule that is divided keeps its duties', () => {
    const old = [allow('r', 'sql.select, sql.update', 's.p.*', mask)]
    const halves = [
      allow('a', 'sql.select', 's.p.*', mask),
      allow('b', 'sql.update', 's.p.*', mask),
    ]
    assert.deepEqual(weaker(old, halves), [])
    const half = [halves[0]!, allow('b', 'sql.update', 's.p.*')]
    assert.deepEqual(weaker(old, half), [`r: ${redacted}`])
  })

  it('limits where two patterns cross', () => {
    const old = [allow('r', 'sql.select', 's.*.t', ', maxRows: 10'), allow('w', 'sql.*', 's.p.*')]
    assert.deepEqual(weaker(old, [old[1]!]), ['r: maxRows 10'])
    assert.deepEqual(weaker(old, [allow('w', 'sql.*', 's.p.u')]), [])
    const denied = [old[1]!, deny('d', 'sql.select', 's.*.t')]
    assert.deepEqual(weaker(old, denied), [])
  })

  it('a mask that comes to have a condition, where another rule grants', () => {
    const work = allow('w', 'sql.*', 's.p.t')
    const old = [allow('r', 'sql.select', 's.p.t', mask), work]
    const when = [allow('r', 'sql.select', 's.p.t', `${mask}, when: op.readOnly`), work]
    assert.deepEqual(weaker(old, when), [`r: ${redacted}`])
  })

  it('a stricter mask is not weaker', () => {
    const strict = mask.replace('redact }', 'redact, predicates: deny }')
    const [plain, denying] = [mask, strict].map((one) => allow('r', 'sql.select', 's.p.t', one))
    assert.deepEqual(weaker([plain!], [denying!]), [])
    assert.deepEqual(weaker([denying!], [plain!]), [`r: ${redacted}, not in conditions`])
  })

  it('holds that grant nothing: their terms', () => {
    const all = allow('a', 'sql.*', 's')
    const held = (terms: string, matcher = 'objects: [s.t]') =>
      `{ id: h, hold: { ${matcher} }, approvers: { ${terms} } }`
    const texts = 'text: [drop]'
    const pairs: readonly (readonly [string, string, number])[] = [
      [held('groups: [g], count: 2'), held('groups: [g]'), 1],
      [held('groups: [g]'), held('groups: [g], count: 2'), 0],
      [held('groups: [dba]', texts), held('groups: [interns]', texts), 1],
      [held('groups: [dba, ops]', texts), held('groups: [dba]', texts), 0],
      [held('groups: [dba]', texts), held('groups: [dba, interns]', texts), 1],
      [held('groups: [g], count: 2', texts), held('groups: [g], count: 2', texts), 0],
    ]
    for (const [before, after, count] of pairs) {
      assert.equal(weaker([all, before], [all, after]).length, count, `${before} ${after}`)
    }
    const unrelated = allow('a', 'sql.*', 'z')
    const [strict, lax] = [held('groups: [g], count: 2'), held('groups: [g]')]
    assert.deepEqual(weaker([unrelated, strict], [unrelated, lax]), [])
  })

  it('of other people, or elsewhere, are others', () => {
    const head = (agents: string, more = '') =>
      `name: NAME\nsubjects: { agents: [${agents}] }\n${more}rules:\n`
    const of = (...texts: readonly string[]) =>
      parsePolicies(
        texts.map((text, at) => ({ file: `${at}.yaml`, text: text.replace('NAME', `p${at}`) })),
      ).policies
    const masked = `  - ${allow('r', 'sql.select', 's.p.t', mask)}\n`
    const clear = `  - ${allow('w', 'sql.*', 's')}\n`
    const kinds: readonly (readonly [string, string, number])[] = [
      ['etl-*', '', 1],
      ['web-*', '', 0],
      ['"*"', '', 1],
      ['etl-*', 'resources: { types: [mysql] }\n', 0],
    ]
    for (const [agents, more, count] of kinds) {
      const other = head(agents, more) + clear
      const mine = head('etl-*', 'resources: { types: [postgres] }\n') + masked
      const found = diffPolicies(of(other, mine), of(other)).obligations
      assert.equal(found.length, count, agents)
    }
  })
})

describe('text', () => {
  it('has what is given first', () => {
    const found = diff(
      [allow('a', 'sql.select', 's.t', ', maxRows: 5')],
      [allow('a', 'sql.select', 's.t'), allow('b', 'sql.delete', 's.u', ', when: op.hasWhere')],
    )
    assert.equal(
      formatDiff(found),
      `Granted:
  + agent *: allow sql.delete on s.u, where op.hasWhere (p/b)

Obligations that are gone or weaker:
  + maxRows 5 (p/a)
`,
    )
  })
})

it('refuses what is too large to compare, on either side, and takes what is just not', () => {
  const words = (count: number, word: string) =>
    Array.from({ length: count }, (_, index) => `${word}${index}`).join(', ')
  const rule = (id: string) => allow(id, words(50, 'sql.a'), words(50, `${id}.t`))
  const large = Array.from({ length: LINES_MAX / 2500 + 1 }, (_, index) => rule(`r${index}`))
  const most = large.slice(1)
  const small = [allow('a', 'sql.select', 's.t')]
  const refused = { code: 'REQUEST_INVALID' }
  assert.throws(() => diff(large, small), refused)
  assert.throws(() => diff(small, large), refused)
  assert.equal(diff(small, most).granted.length, LINES_MAX)
})
