import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { noPostgres } from '../support/postgres-programs.ts'
import { until } from '../support/until.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

const skip = noPostgres()

/** More than all the buffers on the way hold, so that it is under way for as long as nobody reads. */
const ROWS = 300_000

const policy = (mask: string, other = '') => `
name: p
subjects: { agents: ['*'] }
resources: { types: [postgres] }
rules:
  - id: read
    allow: { actions: [sql.select], objects: ['**'] }
    ${mask}
${other}`
const UNMASKED = policy('')
const MASKED = policy(`mask: [{ columns: ['**.email'], with: redact }]`)

describe('policies that change while rows are on their way', { skip }, () => {
  let bench: Bench
  before(async () => {
    bench = await startBench({
      policies: { 'p.yaml': UNMASKED },
      schema: `CREATE TABLE people AS SELECT i AS id, 'user' || i || '@example.com' AS email
        FROM generate_series(1, ${ROWS}) i;
        GRANT SELECT ON people TO gateway;`,
    })
  })
  after(() => bench?.stop())

  /** Begins to read everything, changes the policy, and reads the rest. */
  async function readWhile(text: string): Promise<{ rows: number; error: string | undefined }> {
    const client = await bench.client()
    client.on('error', () => {})
    await client.connect()
    const { stream } = (client as unknown as { connection: { stream: NodeJS.ReadableStream } })
      .connection
    const seen = bench.log.length
    const reading = client.query('SELECT id, email FROM people').then(
      ({ rows }) => ({ rows: rows.length, error: undefined }),
      (error: Error) => ({ rows: 0, error: String(error) }),
    )
    stream.once('data', () => stream.pause())
    await until('rows come', () => stream.isPaused())
    await bench.setPolicy('p.yaml', text)
    await until('the policy is in force', () =>
      bench.log.slice(seen).some((line) => line.includes('policy.reloaded')),
    )
    // What is under way is judged in the turns that follow.
    await new Promise((resolve) => setTimeout(resolve, 300))
    stream.resume()
    const read = await reading
    await client.end().catch(() => {})
    return read
  }

  test('a stream under masks of then ends, and its record says why', async () => {
    const { rows, error } = await readWhile(MASKED)
    assert.equal(rows, 0)
    assert.notEqual(error, undefined)
    await until('it is recorded', async () =>
      (await bench.recordedText()).includes('"POLICY_CHANGED"'),
    )
    // What begins now is masked.
    const client = await bench.client()
    await client.connect()
    const { rows: first } = await client.query('SELECT email FROM people LIMIT 1')
    assert.deepEqual(first, [{ email: '[redacted]' }])
    await client.end()
  })

  test('one that shows the same goes on', async () => {
    const more = `  - { id: more, allow: { actions: [sql.insert], objects: ['**.elsewhere'] } }\n`
    const { rows, error } = await readWhile(
      policy(`mask: [{ columns: ['**.email'], with: redact }]`, more),
    )
    assert.equal(error, undefined)
    assert.equal(rows, ROWS)
  })
})
