import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { changed, changesOf } from './changes.ts'
import { roomOf, testsNear } from './near.ts'
import { isProduct, sample } from './sample.ts'
import { runTests } from './trial.ts'

const SOURCE = `import { f } from './f.ts'
const WORDS = new Set(['a', 'b'])
const LIST = words(\`one two three four five\`)
export function g(x: number | string): boolean {
  if (x === 1) return true
  if (x) f(x)
  return WORDS.has(String(x)) && LIST.has('c')
}
async function h(log, timer) {
  log.info('nothing', log ? 'a' : 'b')
  assert.ok(timer > 1 && log)
  timer?.unref()
  await g(1)
  return g(2) ? false : log
}
`

test('each kind of change is proposed, and makes another text', () => {
  const changes = changesOf(SOURCE)
  const texts = changes.map((change) => changed(SOURCE, change))
  assert.deepEqual(
    changes.map(({ kind, line }) => `${line} ${kind}`),
    [
      ...Array.from({ length: 2 }, () => '2 member dropped'),
      ...Array.from({ length: 5 }, () => '3 member dropped'),
      '5 guard dropped',
      '5 comparison turned',
      '5 answer negated',
      '6 condition negated',
      '6 call dropped',
      '7 answer negated',
      '7 and for or',
      '13 call dropped',
      '14 condition negated',
    ],
  )
  assert.equal(new Set([SOURCE, ...texts]).size, changes.length + 1)
  assert.ok(texts.some((text) => text.includes("new Set([ 'b'])")))
  assert.ok(texts.some((text) => text.includes('if ((x) !== (1)) return true')))
  for (const text of texts) changesOf(text)
})

test('a sample is the same for the same seed, with nothing twice', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'))
  try {
    writeFileSync(join(folder, 'a.ts'), SOURCE)
    const chosen = sample(folder, ['a.ts'], 8, 7)
    assert.deepEqual(sample(folder, ['a.ts'], 8, 7), chosen)
    assert.notDeepEqual(sample(folder, ['a.ts'], 8, 8), chosen)
    assert.equal(new Set(chosen.map(({ change }) => changed(SOURCE, change))).size, 8)
    assert.equal(sample(folder, ['a.ts'], 100, 7).length, 16)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the tests of a file are asked before those of its folder and of suites', () => {
  const tests = [
    'src/sql/deep/c.test.ts',
    'src/sql/a.test.ts',
    'src/sql/ab-c.test.ts',
    'src/sql/z.test.ts',
    'test/bypass/b.test.ts',
  ]
  assert.deepEqual(testsNear('src/sql/ab.ts', [...tests, 'src/mask/ab.test.ts']), [
    ['src/sql/ab-c.test.ts'],
    ['src/sql/a.test.ts', 'src/sql/z.test.ts'],
    ['src/sql/deep/c.test.ts'],
    ['test/bypass/b.test.ts'],
  ])
  assert.deepEqual(testsNear('src/sql/deep/er/x.ts', tests, false), [
    ['src/sql/deep/c.test.ts'],
    ['src/sql/a.test.ts', 'src/sql/ab-c.test.ts', 'src/sql/z.test.ts'],
  ])
  assert.ok(!testsNear('src/sql/ab.ts', tests, false).flat().includes('test/bypass/b.test.ts'))
  assert.equal(testsNear('src/sql/z.ts', tests)[0]?.[0], 'src/sql/z.test.ts')
})

test('what is product, and of which folder', () => {
  assert.deepEqual(['src/sql/a.ts', 'src/sql/a.test.ts', 'test/support/a.ts'].filter(isProduct), [
    'src/sql/a.ts',
  ])
  assert.equal(roomOf('src/protocol/azure/shown/a.ts'), 'src/protocol/azure')
  assert.equal(roomOf('src/sql/a.ts'), 'src/sql')
})

test('a run passes, fails, or is ended when it hangs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'))
  try {
    writeFileSync(join(folder, 'good.test.ts'), '')
    writeFileSync(
      join(folder, 'bad.test.ts'),
      "import { test } from 'node:test'\ntest('bad', () => { throw new Error() })",
    )
    writeFileSync(
      join(folder, 'hangs.test.ts'),
      "import { test } from 'node:test'\ntest('hangs', () => new Promise(() => setInterval(() => {}, 1000)))",
    )
    const run = (...tests: string[]) => runTests({ folder, cache: folder }, tests, 3_000)
    assert.equal(await run('good.test.ts'), 'passed')
    assert.equal(await run('good.test.ts', 'bad.test.ts', 'hangs.test.ts'), 'failed')
    assert.equal(await run('hangs.test.ts'), 'hung')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
