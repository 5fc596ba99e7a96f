import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { run } from 'node:test'
import { showProgress } from './progress.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const WHERE = ['src', 'emulator', 'test', 'demo', 'bench'].map((folder) => `${folder}/**/*.test.ts`)

/** A file that takes longer hangs; the long forms of suites say how long theirs may take. */
const FILE_TIMEOUT_MS = Number(process.env['TEST_FILE_MINUTES'] ?? 5) * 60_000

/** Whether a missing program is a failure, and not a reason to skip: see CONTRIBUTING. */
const COMPLETE = process.env['TEST_COMPLETE'] === '1'

/** Runs all tests, or those whose path contains one of the arguments: `npm test -- src/policy`. */
async function main(filters: readonly string[]): Promise<void> {
  const files = globSync(WHERE, { cwd: ROOT })
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
    .sort()
    .map((file) => join(ROOT, file))
  if (files.length === 0) throw new Error(`No test file matches ${filters.join(', ')}.`)

  const progress = showProgress(ROOT, (text) => void process.stdout.write(text), COMPLETE)
  const concurrency = Math.max(2, availableParallelism() - 1)
  for await (const event of run({ files, concurrency, timeout: FILE_TIMEOUT_MS, cwd: ROOT })) {
    if (event.type === 'test:pass') progress.passed(event.data)
    else if (event.type === 'test:fail') progress.failed(event.data)
    else if (event.type === 'test:summary') progress.summary(event.data)
    else if (event.type === 'test:stdout' || event.type === 'test:stderr') {
      progress.output(event.data.file, event.data.message)
    }
  }
  process.exitCode = progress.end() ? 0 : 1
}

await main(process.argv.slice(2))
