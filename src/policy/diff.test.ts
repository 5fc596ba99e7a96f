import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { diffPolicies } from './diff.ts'
import type { LineChange } from './diff.ts'
import { parsePolicies } from './document.ts'
import { formatDiff, givesNothing } from './format-diff.ts'
import { policyText } from './testing/fixtures.ts'

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
