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

/** What no step may show; `canary-hunter2` is in the cluster's Secret. */
const HIDDEN = ['ada.brand', '4111 1111', 'petrova@', 'canary', 'canary-hunter2']

/** What the agent and the people must have seen, by step. */
const PROMISED: readonly (readonly [step: string, words: readonly RegExp[]])[] = [
  ['denied', [/rule=no-ddl/]],
  ['cluster-listed', [/web-1.*web-2/]],
  ['cluster-masked', [/"password":"\[redacted\]"/]],
  ['cluster-denied', [/"reason":"Forbidden"/, /etl-on-cluster\/no-deleting/, /"hint":"Do it/]],
  ['cluster-held', [/spec\.replicas: 2 → 5/, /"replicas":5/]],
  ['azure-listed', [/"nextLink":"https:\/\/127\.0\.0\.1:\d+\/arm\//, /network/]],
  ['azure-denied', [/etl-on-azure\/no-keys/]],
  ['azure-refused-by-human', [/etl-on-azure\/access/, /APPROVAL_DENIED/, /ETL needs no owner/]],
  ['revoked', [/was revoked/, /SESSION_REVOKED/, /AGENT_DISABLED/]],
]

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
      'ticket',
      'cluster-listed',
      'cluster-masked',
      'cluster-denied',
      'cluster-held',
      'azure-token',
      'azure-listed',
      'azure-denied',
      'azure-refused-by-human',
      'replayed',
      'searched',
      'revoked',
    ].map((step) => [step, true]),
  )
  for (const value of [...HIDDEN, ...HIDDEN.map((one) => btoa(one))]) {
    assert.ok(!stdout.includes(value), `the agent saw ${value}`)
  }
  const seen = new Map(steps.map(({ step, saw }) => [step, JSON.stringify(saw)]))
  for (const [step, words] of PROMISED) {
    for (const word of words) assert.match(seen.get(step) ?? '', word, step)
  }
})
