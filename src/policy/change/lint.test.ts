import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { policyText } from '../../../test/support/policy/fixtures.ts'
import { parsePolicies } from '../document.ts'
import { lintPolicies } from './lint.ts'

const vocabulary = {
  actions: 'select update set set.role do execute listen'.split(' ').map((name) => `sql.${name}`),
  powerful: ['sql.do', 'sql.set.role'],
}

/** Whatever lies below `x.`, but for one name. */
const shaped = {
  actions: [],
  powerful: [],
  isForm: (written: string) => written.startsWith('x.') && written !== 'x.no',
  hint: (written: string) => (written === 'x.no' ? 'no is no name' : undefined),
}

function warnings(...rules: readonly string[]) {
  const { policies } = parsePolicies([{ file: 'p.yaml', text: policyText(rules) }])
  return lintPolicies(policies, [vocabulary, shaped])
}
const kinds = (...rules: readonly string[]) => warnings(...rules).map(({ kind }) => kind)

const READ = '{ id: r, allow: { actions: [sql.select], objects: [s] } }'

describe('policies that are valid and strange', () => {
  it('are told with their place', () => {
    assert.deepEqual(warnings('{ id: a, allow: { actions: [sql.*], objects: [s] } }'), [
      {
        kind: 'wide-action',
        message: 'sql.* also allows sql.set.role, sql.do',
        policy: 'p',
        rule: 'a',
        place: { file: 'p.yaml', line: 4, column: 33, field: 'rules[0].allow.actions[0]' },
      },
    ])
  })

  it('nothing is said of good ones', () => {
    const hold =
      '{ id: h, hold: { actions: [sql.update], objects: [s] }, approvers: { people: [x] } }'
    assert.deepEqual(kinds(READ, hold, '{ id: d, deny: { actions: [sql.*], objects: [z] } }'), [])
    assert.deepEqual(kinds('{ id: k, allow: { actions: [x.any], objects: [a/b] } }'), [])
    assert.deepEqual(kinds('{ id: d, deny: { actions: [sql.set*] } }'), [])
  })

  it('an allow of every object', () => {
    assert.deepEqual(kinds('{ id: a, allow: { actions: [sql.select] } }'), ['any-object'])
  })

  it('a deny by name without actions', () => {
    assert.deepEqual(kinds('{ id: d, deny: { objects: ["**.x"] } }'), ['wide-deny'])
    assert.deepEqual(kinds('{ id: d, deny: { objects: ["s.**", s.t] } }'), [])
    assert.deepEqual(kinds('{ id: d, deny: { actions: [sql.select], objects: ["**.x"] } }'), [])
  })

  it('actions that there are not', () => {
    const messages = (action: string) =>
      warnings(`{ id: d, deny: { actions: [${action}] } }`).map(({ message }) => message)
    assert.deepEqual(messages('sql.selct'), [
      'sql.selct is no action that there is; did you mean sql.select?',
    ])
    assert.deepEqual(messages('SQL.select'), [
      'SQL.select is no action that there is; did you mean sql.select?',
    ])
    assert.deepEqual(messages('select'), ['select is no action that there is'])
    assert.deepEqual(messages('mongo.find'), ['mongo.find is no action that there is'])
    assert.deepEqual(messages('x.no'), ['x.no is no action that there is; no is no name'])
    assert.deepEqual(messages('sql.x.*'), ['sql.x.* is no action that there is'])
  })

  it('a deny that is narrower than its name', () => {
    assert.deepEqual(kinds('{ id: d, deny: { actions: [sql.set] } }'), ['exact-deny'])
    assert.deepEqual(kinds('{ id: d, deny: { actions: [sql.set, sql.set.*] } }'), [])
    assert.deepEqual(kinds('{ id: a, allow: { actions: [sql.set], objects: [s] } }'), [])
  })

  it('rules that a deny leaves nothing', () => {
    assert.deepEqual(kinds(READ, '{ id: d, deny: { actions: [sql.*] } }'), ['never-takes-part'])
    assert.deepEqual(kinds(READ, '{ id: d, deny: { actions: [sql.select], objects: [s.t] } }'), [])
    assert.deepEqual(kinds(READ, '{ id: d, deny: { actions: [sql.*] }, when: op.hasWhere }'), [])
    assert.deepEqual(kinds(READ, '{ id: d, deny: { actions: [sql.*], text: [x] } }'), [])
  })

  it('a hold that an allow passes by', () => {
    const hold =
      '{ id: h, hold: { actions: [sql.select], objects: [s.t] }, approvers: { people: [x] }, when: op.hasWhere }'
    assert.deepEqual(kinds(READ, hold), ['hold-passed-by'])
    assert.deepEqual(kinds(READ, hold.replace(', when: op.hasWhere', '')), [])
    assert.deepEqual(kinds(READ.replace('[s]', '[z]'), hold), [])
  })

  it('masks that mask nothing', () => {
    const mask = (action: string, column: string) =>
      `{ id: m, allow: { actions: [${action}], objects: [s.t] }, mask: [{ columns: [${column}], with: hash }] }`
    assert.deepEqual(kinds(mask('sql.select', 's.t.a')), [])
    assert.deepEqual(kinds(mask('sql.update', 's.t.a')), ['idle-mask'])
    assert.deepEqual(kinds(mask('sql.select', 's.u.a')), ['idle-mask'])
    const calls = '{ id: f, allow: { actions: [sql.execute], objects: [s.f] } }'
    assert.deepEqual(kinds(mask('sql.select', 's.t.a'), calls), ['unmasked-functions'])
    const listens = '{ id: l, allow: { actions: [sql.listen], objects: [s.channel.c] } }'
    assert.deepEqual(kinds(mask('sql.select', 's.t.a'), listens), ['unmasked-notifications'])
    assert.deepEqual(kinds(mask('sql.listen', 's.u.a')), [])
    assert.deepEqual(kinds(mask('sql.execute', 's.u.a')), [])
  })
})
