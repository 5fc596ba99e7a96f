import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'

/** How much the long form of each suite does, where the environment does not say otherwise. */
const AMOUNTS: Readonly<Record<string, string>> = {
  LEAK_QUERIES: '20000',
  HTTP_LEAK_ROUNDS: '10000',
  HTTP_PATHS: '200000',
  FUZZ_RUNS: '200000',
  FAULT_ROUNDS: '60',
  CONCURRENCY_WAVES: '20',
  CONCURRENCY_REAL_SESSIONS: '1000',
  HOLD_ROUNDS: '20000',
  HTTP_HOLD_ROUNDS: '1000',
  STORAGE_BLOB_MIB: '1024',
  TEST_FILE_MINUTES: '60',
}
const SEEDS = [
  'LEAK_SEED',
  'HTTP_LEAK_SEED',
  'HTTP_PATHS_SEED',
  'FUZZ_SEED',
  'FAULT_SEED',
  'CONCURRENCY_SEED',
  'HOLD_SEED',
]

/** Suites that have a long form; where a folder is not there, nothing of it runs. */
const SUITES = [
  'test/bypass',
  'test/leak',
  'test/http-leak',
  'test/http-bypass',
  'test/fuzz',
  'src/record/recorder-faults',
  'test/faults',
  'test/concurrency',
  'test/approvals',
  'test/azure/storage/large',
]

/** `npm run test:long`, or with some of the suites: `npm run test:long -- test/faults`. */
function main(chosen: readonly string[]): void {
  const seeds = Object.fromEntries(
    SEEDS.map((name) => [name, process.env[name] ?? String(randomInt(1_000_000_000))]),
  )
  const environment = { ...AMOUNTS, ...seeds, ...process.env }
  const said = [...Object.keys(AMOUNTS), ...SEEDS].map((name) => `${name}=${environment[name]}`)
  process.stdout.write(`${said.join(' ')}\n`)
  const suites = chosen.length === 0 ? SUITES : chosen
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, 'run.ts'), ...suites], {
    env: environment,
    stdio: 'inherit',
  })
  process.exitCode = status ?? 1
}

main(process.argv.slice(2))
