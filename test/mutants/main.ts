import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { countFrom, seedFrom } from '../support/dice.ts'
import { changed } from './changes.ts'
import { roomOf, testsNear } from './near.ts'
import type { Mutant } from './sample.ts'
import { isProduct, sample } from './sample.ts'
import type { Copy, Result } from './trial.ts'
import { copyTree, runTests } from './trial.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** How long a group of tests may take before the change counts as one that hangs it, at most. */
const TIMEOUT_MS = 120_000

/** The same for one whose time is known: so many times what it took, and never less than this. */
const TIMES_LONGER = 6
const LEAST_TIMEOUT_MS = 30_000

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
    const seen = createSeen(copy)
    for (const mutant of sample(copy.folder, paths, count, seed)) {
      if (performance.now() > end) break
      const result = await tryMutant(copy, mutant, testsNear(mutant.path, tests, withSuites), seen)
      const score = scores.get(roomOf(mutant.path)) ?? { noticed: 0, tried: 0 }
      score.tried++
      if (result !== 'passed') score.noticed++
      scores.set(roomOf(mutant.path), score)
      say(`${WORDS[result]}  ${describe(copy, mutant)}`)
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

/** What is known of groups of tests: how long each takes, and which fail without a change. */
interface Seen {
  isAsked(tests: readonly string[]): boolean
  run(tests: readonly string[]): Promise<Result>
  /** Whether what failed with a change passes without one. */
  isHealthy(tests: readonly string[]): Promise<boolean>
}

function createSeen(copy: Copy): Seen {
  const tookMs = new Map<string, number>()
  const healthy = new Map<string, boolean>()
  const run = async (tests: readonly string[]): Promise<Result> => {
    const known = tookMs.get(String(tests))
    const longest = known === undefined ? TIMEOUT_MS : known * TIMES_LONGER
    const begun = performance.now()
    const result = await runTests(copy, tests, Math.max(longest, LEAST_TIMEOUT_MS))
    const took = performance.now() - begun
    if (result === 'passed') tookMs.set(String(tests), Math.max(known ?? 0, took))
    return result
  }
  return {
    isAsked: (tests) => healthy.get(String(tests)) ?? true,
    run,
    isHealthy: async (tests) => {
      const known = healthy.get(String(tests)) ?? (await run(tests)) === 'passed'
      healthy.set(String(tests), known)
      return known
    },
  }
}

/** Asks one group of tests after the other. One that fails without the change does not count. */
async function tryMutant(
  { folder }: Copy,
  { path, change }: Mutant,
  groups: readonly (readonly string[])[],
  seen: Seen,
): Promise<Result> {
  const file = join(folder, path)
  const source = readFileSync(file, 'utf8')
  const ask = async (tests: readonly string[]): Promise<Result> => {
    if (!seen.isAsked(tests)) return askEach(tests)
    writeFileSync(file, changed(source, change))
    const result = await seen.run(tests).finally(() => writeFileSync(file, source))
    if (result === 'passed' || (await seen.isHealthy(tests))) return result
    say(`  ${tests.join(' ')} fails without a change`)
    return askEach(tests)
  }
  const askEach = async (tests: readonly string[]): Promise<Result> => {
    if (tests.length > 1) {
      for (const test of tests) if ((await ask([test])) !== 'passed') return 'failed'
    }
    return 'passed'
  }
  for (const tests of groups) {
    const result = await ask(tests)
    if (result !== 'passed') return result
  }
  return 'passed'
}

function describe(
  { folder }: Copy,
  { path, change: { kind, line, start, end, text } }: Mutant,
): string {
  const before = readFileSync(join(folder, path), 'utf8').slice(start, end)
  const short = (code: string) => code.replaceAll(/\s+/g, ' ').slice(0, 90)
  return `${path}:${line}  ${kind}: ${short(before)}${text.length > 1 ? `  →  ${short(text)}` : ''}`
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

await main(process.argv.slice(2))
