import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

const MEMORY_MAX_KiB = 320 * 1024

/** Of one function; that of PostgreSQL's grammar takes 610 MB. */
const OPTIMISER_BYTES_MAX = 100_000_000

/** Enough for V8 to find the parser worth its optimiser. */
const program = `
  import { loadParser } from ${JSON.stringify(new URL('parser.ts', import.meta.url).href)}
  const parser = await loadParser()
  for (let n = 0; n < 20_000; n++) parser.parse('SELECT a AS a' + n + ' FROM t WHERE b = 1')
  console.error(process.resourceUsage().maxRSS)
`

test('the parser is optimised, but for the one function that takes too much memory', () => {
  const { stdout, stderr } = run(['--trace-wasm-compilation-times'])
  const optimised = [...stdout.matchAll(/using TurboFan, took \d+ ms and (\d+)/g)]
  assert.ok(optimised.length > 5, `${optimised.length} functions`)
  for (const [line, bytes] of optimised) assert.ok(Number(bytes) < OPTIMISER_BYTES_MAX, line)
  const peak_KiB = Number(stderr)
  assert.ok(peak_KiB > 0 && peak_KiB < MEMORY_MAX_KiB, `${peak_KiB} KiB at most`)
})

function run(flags: readonly string[]) {
  const words = [...flags, '--input-type=module', '-e', program]
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return { stdout, stderr }
}
