import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { countFrom, seedFrom } from '../support/dice.ts'
import { changed } from './changes.ts'
import { testsNear } from './near.ts'
import type { Mutant } from './sample.ts'
import { folderOf, isProduct, sample } from './sample.ts'
import type { Copy, Result } from './trial.ts'
import { copyTree, runTest } from './trial.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** How long a file of tests may take before the change counts as one that hangs it. */
const FILE_TIMEOUT_MS = 180_000

/**
 * `npm run test:mutants`, or of some folders: `npm run test:mutants -- src/sql src/mask`. Makes small
 * changes to the code, one at a time in a copy of the tree, and says which of them no test notices.
 */
async function main(filters: readonly string[]): Promise<void> {
  const seed = seedFrom('MUTANTS_SEED')
  const count = countFrom('MUTANTS', 40)
  const end = performance.now() + countFrom('MUTANTS_MINUTES', 60) * 60_000
  const withSuites = countFrom('MUTANTS_SUITES', 1) === 1
  const copy = copyTree(ROOT)
  const scores = new Map<string, { noticed: number; tried: number }>()
  try {
    const paths = copy.files
      .filter(isProduct)
      .filter((path) => filters.length === 0 || filters.some((filter) => path.startsWith(filter)))
    say(`MUTANTS=${count} MUTANTS_SEED=${seed}, ${paths.length} files`)
    const tests = copy.files.filter((path) => path.endsWith('.test.ts'))
    const health = new Map<string, Result>()
    for (const mutant of sample(ROOT, paths, count, seed)) {
      if (performance.now() > end) break
      const result = await tryMutant(
        copy,
        mutant,
        testsNear(mutant.path, tests, withSuites),
        health,
      )
      const score = scores.get(folderOf(mutant.path)) ?? { noticed: 0, tried: 0 }
      score.tried++
      if (result !== 'passed') score.noticed++
      scores.set(folderOf(mutant.path), score)
      say(`${WORDS[result]}  ${describe(mutant)}`)
    }
  } finally {
    copy.remove()
  }
  const sorted = [...scores].sort(([a], [b]) => a.localeCompare(b))
  const sum = (of: 'noticed' | 'tried') => sorted.reduce((all, [, score]) => all + score[of], 0)
  say('')
  for (const [folder, { noticed, tried }] of sorted) say(`${folder}  ${noticed} of ${tried}`)
  say(`all  ${sum('noticed')} of ${sum('tried')}`)
}

const WORDS: Readonly<Record<Result, string>> = {
  passed: 'SURVIVED',
  failed: 'noticed ',
  hung: 'HUNG    ',
}

/** Asks one file of tests after the other. One that fails without the change does not count. */
async function tryMutant(
  { folder }: Copy,
  { path, change }: Mutant,
  tests: readonly string[],
  health: Map<string, Result>,
): Promise<Result> {
  const file = join(folder, path)
  const source = readFileSync(file, 'utf8')
  for (const test of tests) {
    if ((health.get(test) ?? 'passed') !== 'passed') continue
    writeFileSync(file, changed(source, change))
    const result = await runTest(folder, test, FILE_TIMEOUT_MS).finally(() =>
      writeFileSync(file, source),
    )
    if (result === 'passed') continue
    if (!health.has(test)) health.set(test, await runTest(folder, test, FILE_TIMEOUT_MS))
    if (health.get(test) === 'passed') return result
    say(`  ${test} fails without a change and is not asked`)
  }
  return 'passed'
}

function describe({ path, change: { kind, line, start, end, text } }: Mutant): string {
  const before = readFileSync(join(ROOT, path), 'utf8').slice(start, end)
  const short = (code: string) => code.replaceAll(/\s+/g, ' ').slice(0, 90)
  return `${path}:${line}  ${kind}: ${short(before)}${text.length > 1 ? `  →  ${short(text)}` : ''}`
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

await main(process.argv.slice(2))
