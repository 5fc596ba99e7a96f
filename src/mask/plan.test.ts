import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Output, Source } from '../core/operation.ts'
import type { ColumnMask, DetectMask, MaskerSpec } from '../core/verdict.ts'
import { columnPlans, isPass, planMasks } from './plan.ts'

function columnMask(column: string, spec: MaskerSpec): ColumnMask {
  return {
    type: 'columns',
    covers: (path) => path.join('.') === column,
    with: spec,
    predicates: 'allow',
    policy: 'p',
    rule: 'r',
  }
}

const EMAIL = columnMask('db.public.c.email', { name: 'email' })
const DETECT: DetectMask = {
  type: 'detect',
  detectors: ['payment-card'],
  with: { name: 'redact' },
  policy: 'p',
  rule: 'd',
}

function source(column: string, exact = true): Source {
  return { column: ['db', 'public', 'c', column], exact }
}

function output(name: string, ...sources: Source[]): Output {
  return { name, sources }
}

describe('planMasks', () => {
  test('passes all without rules', () => {
    const plan = planMasks('unknown', [])
    assert.ok(isPass(plan))
    assert.deepEqual(columnPlans(plan, ['a', 'b']), ['pass', 'pass'])
  })

  test('masks a covered column by its rule and passes the others', () => {
    const plan = planMasks([output('id', source('id')), output('email', source('email'))], [EMAIL])
    assert.deepEqual(plan.columns, [
      'pass',
      { type: 'masked', with: { name: 'email' }, derived: false },
    ])
    assert.deepEqual(plan.touches, ['email'])
    assert.equal(isPass(plan), false)
  })

  test('masks what is derived from a covered column by a constant', () => {
    const outputs = [
      output('length', source('email', false)),
      output('both', source('email'), source('email', false)),
      output('name', source('name', false)),
    ]
    const derived = { type: 'masked', with: { name: 'redact' }, derived: true }
    assert.deepEqual(planMasks(outputs, [EMAIL]).columns, [derived, derived, 'pass'])
  })

  test('a covered column stays itself beside an expression over others', () => {
    const plan = planMasks([output('x', source('email'), source('name', false))], [EMAIL])
    assert.deepEqual(plan.columns, [{ type: 'masked', with: { name: 'email' }, derived: false }])
  })

  test('masks unknown sources while a column rule is in force', () => {
    const outputs: Output[] = [{ name: 'x', sources: 'unknown' }]
    assert.deepEqual(planMasks(outputs, [EMAIL]).columns, [
      { type: 'masked', with: { name: 'redact' }, derived: true },
    ])
    assert.deepEqual(planMasks(outputs, [DETECT]).columns, [{ type: 'scanned', detect: [DETECT] }])
  })

  for (const outputs of ['unknown', 'none'] as const) {
    test(`masks every column of ${outputs} outputs`, () => {
      const plan = planMasks(outputs, [EMAIL, DETECT])
      const [only] = columnPlans(plan, ['a'])
      assert.deepEqual(only, { type: 'masked', with: { name: 'redact' }, derived: true })
      assert.deepEqual(plan.touches, outputs === 'unknown' ? ['*'] : [])
    })
  }

  test('takes the strictest of several rules', () => {
    const hash = columnMask('db.public.c.email', { name: 'hash' })
    const nothing = columnMask('db.public.c.email', { name: 'null' })
    const exact = [output('email', source('email'))]
    const [hashed] = planMasks(exact, [EMAIL, hash]).columns
    assert.deepEqual(hashed, { type: 'masked', with: { name: 'hash' }, derived: false })
    const [derived] = planMasks([output('x', source('email', false))], [nothing, EMAIL]).columns
    assert.deepEqual(derived, { type: 'masked', with: { name: 'null' }, derived: true })
  })

  test('searches what is not masked', () => {
    const outputs = [output('email', source('email')), output('note', source('note'))]
    const plan = planMasks(outputs, [EMAIL, DETECT])
    assert.deepEqual(
      plan.columns.map((column) => (column === 'pass' ? column : column.type)),
      ['masked', 'scanned'],
    )
    assert.deepEqual(plan.touches, ['email'])
  })

  test('masks every column of a result that is not the planned one', () => {
    const plan = planMasks(
      [output('id', source('id')), output('n', source('name', false))],
      [EMAIL],
    )
    const all = (names: string[]) => columnPlans(plan, names).map((column) => column !== 'pass')
    assert.deepEqual(all(['id', 'whatever']), [false, false])
    assert.deepEqual(all(['email', 'n']), [true, true])
    assert.deepEqual(all(['id']), [true])
    assert.deepEqual(all(['id', 'n', 'email']), [true, true, true])
  })
})
