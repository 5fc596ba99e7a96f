import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { recorded } from '../../../test/support/audit/recorded.ts'
import { runWith } from '../../../test/support/cli/gateway.ts'

const examples = fileURLToPath(new URL('../../../examples/policies/', import.meta.url))
const caseFiles = readdirSync(join(examples, 'cases')).map((name) => join(examples, 'cases', name))

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'policy-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

const rules = (text: string) => `name: p\nsubjects: { agents: [etl-*] }\nrules:\n${text}`
const READ =
  '  - { id: read, allow: { actions: [sql.select], objects: [s.public.t] }, maxRows: 5 }\n'

describe('policy check', () => {
  it('says that the examples are valid, and nothing more', async () => {
    const ran = await runWith(['policy', 'check', '--strict', examples])
    assert.match(ran.out, /is valid: 3 policies, 0 warnings\n$/)
    assert.equal(ran.code, 0)
  })

  it('tells warnings, which fail only where that is asked for', async () => {
    const folder = folderOf({ 'p.yaml': rules('  - { id: a, allow: { actions: ["*"] } }\n') })
    const ran = await runWith(['policy', 'check', folder])
    assert.match(ran.out, /p\.yaml:4:\d+: rules\[0\]\.allow\.actions\[0\]: wide-action: .*sql\.do/)
    assert.match(ran.out, /any-object/)
    assert.equal(ran.code, 0)
    assert.equal((await runWith(['policy', 'check', folder, '--strict'])).code, 1)
  })

  it('tells every error with its place', async () => {
    const folder = folderOf({ 'p.yaml': rules('  - { id: a }\n'), 'q.yml': 'name: q\n' })
    const ran = await runWith(['policy', 'check', folder])
    assert.match(ran.err, /^POLICY_INVALID: 3 problems\n/)
    assert.ok(ran.err.includes('p.yaml:4:5: rules[0]: must have exactly one of'))
    assert.equal(ran.code, 1)
    const asJson = await runWith(['--json', 'policy', 'check', folder])
    const { error } = JSON.parse(asJson.err) as { error: { problems: unknown[] } }
    assert.equal(error.problems.length, 3)
  })

  it('wants a folder with policies in it', async () => {
    assert.equal((await runWith(['policy', 'check', folderOf({})])).code, 2)
    assert.match((await runWith(['policy', 'check', '/no/such'])).err, /^CONFIG_UNREADABLE/)
  })
})

describe('policy test', () => {
  it('passes all cases of the examples', async () => {
    const ran = await runWith(['policy', 'test', examples, ...caseFiles])
    assert.equal(ran.code, 0, ran.out)
    assert.match(ran.out, /^25 passed, 0 failed\n$/m)
  })

  it('fails where a case does, and says which and where', async () => {
    const folder = folderOf({ 'p.yaml': rules(READ) })
    const cases = folderOf({
      'c.yaml': `
agent: { name: etl-1 }
resource: { name: r, type: postgres }
catalog: { database: s, tables: { t: [a] } }
cases:
  - { name: "reads \\e[2J", sql: SELECT a FROM t, expect: allow, maxRows: 5 }
  - { name: writes, sql: DELETE FROM t, expect: allow }
`,
    })
    const ran = await runWith(['policy', 'test', folder, join(cases, 'c.yaml')])
    assert.equal(ran.code, 1)
    assert.ok(ran.out.startsWith('pass  reads \\u001b[2J\nFAIL  writes\n'))
    assert.ok(
      ran.out.includes('c.yaml:7:5: cases[1]\n      expected allow, and it is deny (POLICY'),
    )
    const asJson = await runWith(['policy', 'test', '--json', folder, join(cases, 'c.yaml')])
    const { passed, failed } = JSON.parse(asJson.out) as { passed: number; failed: number }
    assert.deepEqual([passed, failed], [1, 1])
  })
})

describe('policy explain', () => {
  const ask = (...words: readonly string[]) =>
    runWith(['policy', 'explain', examples, '--agent', 'etl-1', '--resource', 'sales-db', ...words])

  it('judges a statement by a catalog', async () => {
    const sql = ['--sql', 'SELECT email FROM customers', '--catalog', caseFiles[0]!]
    const ran = await ask(...sql, '--label', 'env=prod')
    assert.ok(
      ran.out.startsWith('allow\n  masks columns with email (etl-on-sales/read)\n'),
      ran.out,
    )
    assert.ok(ran.out.includes('* allow read: takes part\n'))
    assert.ok(ran.out.includes('reporting: for other subjects\n'))
    assert.equal(ran.code, 0)
    const elsewhere = await ask(...sql)
    assert.ok(elsewhere.out.startsWith('deny (POLICY_NO_MATCH)\n'))
    assert.ok(elsewhere.out.includes('etl-on-sales: for other resource labels\n'))
  })

  it('reads a statement from the standard input', async () => {
    const words = ['policy', 'explain', examples, '--agent', 'x', '--resource', 'sales-db']
    const ran = await runWith([...words, '--sql', '-', '--catalog', caseFiles[0]!], {
      readInput: () => Promise.resolve('SELEC'),
    })
    assert.ok(ran.out.startsWith('deny (SQL_SYNTAX), before any policy\n'))
    assert.equal(ran.code, 1)
  })

  it('judges an action on an object', async () => {
    const ran = await ask(
      '--action',
      'sql.ddl.drop',
      '--object',
      'sales.public.orders',
      '--label',
      'env=prod',
      '--json',
    )
    const { verdict } = JSON.parse(ran.out) as { verdict: { denial: { rule: string } } }
    assert.equal(verdict.denial.rule, 'no-schema-changes')
  })

  it('wants to know what is asked for', async () => {
    for (const words of [
      [],
      ['--sql', 'SELECT 1'],
      ['--action', 'x'],
      ['--action', 'x', '--object', 'a.*'],
      ['--action', 'x', '--object', 'a', '--type', 'oracle'],
      ['--action', 'x', '--object', 'a', '--label', 'b'],
      ['--action', 'x', '--object', 'a', '--at', 'noon'],
    ]) {
      assert.equal((await ask(...words)).code, 2, words.join(' '))
    }
  })
})

describe('policy diff', () => {
  const old = folderOf({ 'p.yaml': rules(READ) })
  const wider = folderOf({ 'p.yaml': rules(READ.replace('s.public.t', 's.public')) })

  it('tells what is granted, and fails only where that is asked for', async () => {
    const ran = await runWith(['policy', 'diff', old, wider])
    assert.equal(ran.out, 'Granted:\n  + agent etl-*: allow sql.select on s.public (p/read)\n')
    assert.equal(ran.code, 0)
    assert.equal((await runWith(['policy', 'diff', old, wider, '--no-grants'])).code, 1)
    assert.equal((await runWith(['policy', 'diff', wider, old, '--no-grants'])).code, 0)
    assert.equal((await runWith(['policy', 'diff', old, old])).out, 'Nothing changes.\n')
    const asJson = await runWith(['--json', 'policy', 'diff', old, wider])
    assert.equal((JSON.parse(asJson.out) as { granted: unknown[] }).granted.length, 1)
  })
})

describe('policy replay', () => {
  const twice = async (t: TestContext) => {
    const records = recorded(t)
    const session = records.open('etl-1')
    const accesses = (action: string) =>
      [{ action, object: ['s', 'public', 't'], grant: 'required' }] as const
    session.run('SELECT a FROM t', undefined, { accesses: accesses('sql.select') })
    session.run('DELETE FROM t \u001b[2J', undefined, { accesses: accesses('sql.delete') })
    await records.written()
    return records.folder
  }

  it('says what other policies would have decided', async (t) => {
    const records = await twice(t)
    const folder = folderOf({ 'p.yaml': rules(READ) })
    const ran = await runWith(['policy', 'replay', folder, records])
    assert.equal(ran.code, 0, ran.err)
    assert.match(ran.out, /^allow -> deny \(POLICY_NO_MATCH\): 1 times\n/)
    assert.match(ran.out, /etl-1 on sales-db: sql\.delete s\.public\.t\n/)
    assert.ok(ran.out.includes('DELETE FROM t \\u001b[2J\n'))
    assert.match(ran.out, /\n2 operations, 1 would be decided otherwise\n$/)
    const strict = await runWith(['policy', 'replay', '--no-refusals', '--json', folder, records])
    assert.equal(strict.code, 1)
    assert.equal((JSON.parse(strict.out) as { changed: number }).changed, 1)
  })

  it('wants a folder and a time', async (t) => {
    const folder = folderOf({ 'p.yaml': rules(READ) })
    const none = await runWith(['policy', 'replay', folder, '/no/such'])
    assert.match(none.err, /no such folder/)
    const wrong = await runWith(['policy', 'replay', '--since', 'soon', folder, await twice(t)])
    assert.match(wrong.err, /is no time/)
    const later = await runWith([
      'policy',
      'replay',
      '--since',
      '2030-01-01',
      folder,
      await twice(t),
    ])
    assert.match(later.out, /^0 operations/)
  })
})
