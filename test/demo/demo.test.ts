import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const MAIN = join(dirname(fileURLToPath(import.meta.url)), '../../demo/main.ts')

interface Told {
  readonly step: string
  readonly ok: boolean
  readonly saw: unknown
}

test('the demo tells its whole story, each step as promised', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--json'])
  const steps = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Told)
  assert.deepEqual(
    steps.map(({ step, ok }) => [step, ok]),
    [
      'connect',
      'masked',
      'derived',
      'detected',
      'denied',
      'held',
      'refused-by-human',
      'replayed',
      'searched',
      'ticket',
      'revoked',
    ].map((step) => [step, true]),
  )
  for (const value of ['ada.brand', '4111 1111', 'petrova@']) {
    assert.ok(!stdout.includes(value), `the agent saw ${value}`)
  }
})
