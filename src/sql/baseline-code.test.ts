import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'

const MEMORY_MAX_KiB = 320 * 1024

/** Enough for V8 to find the parser worth its optimiser, where that is not turned off. */
const program = `
  import { loadParser } from ${JSON.stringify(new URL('parser.ts', import.meta.url).href)}
  const parser = await loadParser()
  for (let n = 0; n < 20_000; n++) parser.parse('SELECT a AS a' + n + ' FROM t WHERE b = 1')
  process.stdout.write(String(process.resourceUsage().maxRSS))
`

test('parsing many statements takes no memory for optimising the parser', () => {
  const peak_KiB = Number(execFileSync(process.execPath, ['--input-type=module', '-e', program]))
  assert.ok(peak_KiB > 0 && peak_KiB < MEMORY_MAX_KiB, `${peak_KiB} KiB at most`)
})
