import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Operation } from '../../../core/operation.ts'
import type { MaskRule } from '../../../core/verdict.ts'
import { Executing } from './executing.ts'
import type { Expectation } from './expectation.ts'

const EMAIL: MaskRule = {
  type: 'columns',
  covers: (column) => column.at(-1) === 'email',
  with: { name: 'redact' },
  predicates: 'allow',
  policy: 'p',
  rule: 'r',
}

function open({ masks = [EMAIL], hiddenCode = false, codeOfValues = false } = {}) {
  const session = { masks, policyVersion: 'v1' }
  const code = { hiddenCode, codeOfValues }
  const classifier = { scope: { facts: { schemas: [], operators: [], casts: [], ...code } } }
  return { session, executing: new Executing({ session, classifier } as never) }
}

function executes(action: string, ...parts: readonly string[]): Expectation {
  const operation: Operation = {
    kind: '',
    fingerprint: '',
    accesses: [{ action, object: ['sales', 'public', 'customers'], parts, grant: 'required' }],
    predicates: [],
    results: ['none'],
    facts: { statements: 1, readOnly: false, hasWhere: true },
  }
  return { type: 'execute', run: { operation } } as unknown as Expectation
}

const READS = executes('sql.select', 'id')
const READS_MASKED = executes('sql.select', 'id', 'email')
const WRITES = executes('sql.update', 'name')

test('what the message does counts while it is answered', () => {
  const { executing } = open()
  assert.equal(executing.words(undefined), 'code')
  assert.equal(executing.words(READS), 'code')
  assert.equal(executing.words(READS_MASKED), 'values')
  assert.equal(executing.words(WRITES), 'values')
})

test('what was answered counts until no transaction is open', () => {
  for (const past of [READS_MASKED, WRITES]) {
    const { executing } = open()
    executing.answered(past)
    for (let turn = 0; turn < 100; turn++) executing.answered(READS)
    assert.equal(executing.words({ type: 'sync', hidden: false }), 'values')
    executing.settled()
    assert.equal(executing.words(READS), 'code')
  }
})

test('a transaction that began under other policies may have read what is masked by now', () => {
  const { executing, session } = open({ masks: [] })
  executing.answered(READS)
  assert.equal(executing.words(READS), 'free')
  Object.assign(session, { masks: [EMAIL], policyVersion: 'v2' })
  assert.equal(executing.words(READS), 'values')
  executing.settled()
  assert.equal(executing.words(READS), 'code')
})

test('what the gateway asks of the planner may run anything, and of the catalog nothing', () => {
  const { executing } = open()
  const question = { rows: [], state: 'asked' } as const
  const lookup = { relations: [], routines: [] }
  const asks = (one: object) =>
    ({ type: 'question', question: { ...question, ...one }, last: true }) as never
  assert.equal(executing.words(asks({ lookup: undefined })), 'values')
  assert.equal(executing.words(asks({ lookup })), 'code')
})

test('where code runs that nothing names, all words are suspect; where nothing is masked, none', () => {
  assert.equal(open({ hiddenCode: true }).executing.words(READS), 'values')
  assert.equal(open({ codeOfValues: true }).executing.words(READS), 'any')
  assert.equal(open({ masks: [], hiddenCode: true }).executing.words(READS_MASKED), 'free')
})
