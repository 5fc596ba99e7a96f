import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { noPostgres } from '../support/postgres-programs.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import { CANARIES, findCanary } from './canaries.ts'
import type { BypassCase } from './case.ts'
import type { Played } from './play.ts'
import { play } from './play.ts'
import { POLICIES } from './policies.ts'
import { schema, swap } from './schema.ts'

export type Families = Readonly<Record<string, readonly BypassCase[]>>

/**
 * Plays every case of some families against a gateway of their own, and again with other values in
 * the tables: what is answered must not depend on them. One call for each file, so that files run
 * side by side.
 */
export function testFamilies(families: Families): void {
  const skip = noPostgres()
  let bench: Bench
  before(async () => {
    if (skip === false)
      bench = await startBench({ policies: POLICIES, schema: schema(CANARIES[0]) })
  })
  after(() => bench?.stop())

  const firstSeen = new Map<BypassCase, string>()
  for (const [family, cases] of Object.entries(families)) {
    for (const one of cases) {
      test(`${family}: ${one.name}`, { skip }, async () => {
        const played = await play(bench, one)
        check(one, played)
        firstSeen.set(one, comparable(played.seen))
      })
    }
  }

  test('with other values in the tables, every answer is the same', { skip }, async (context) => {
    await bench.server.adminQuery(swap(...CANARIES))
    for (const one of Object.values(families).flat()) {
      const before = firstSeen.get(one)
      if (before === undefined || one.differs !== undefined || one.expect === 'held') continue
      await context.test(one.name, async () => {
        const played = await play(bench, one)
        check(one, played)
        assert.equal(comparable(played.seen), before)
      })
    }
  })
}

function check({ name, expect, steps }: BypassCase, played: Played): void {
  const { seen, code, error, held, serverLog } = played
  assert.equal(findCanary(seen), undefined, `${name}: a canary shows`)
  if (expect === 'held') return assert.equal(held, true, 'it is not held')
  if (typeof expect === 'object') {
    assert.ok(
      [expect.denied].flat().includes(code ?? ''),
      `expected ${String(expect.denied)}, not ${code ?? error ?? 'an answer'}`,
    )
    const text = steps.at(-1)!
    assert.ok(!serverLog.includes(text), 'the target has seen it')
    return
  }
  assert.equal(code, undefined, `it is refused: ${code ?? ''} ${error ?? ''}`)
  if (expect === 'masked') return
  assert.equal(error, undefined)
  assert.doesNotMatch(seen, /\[redacted\]|\*\*\*\*/)
}

// oxlint-disable-next-line no-control-regex -- ReadyForQuery as it is on the wire
const READY = /Z\0\0\0\x05[IET]/g

/** Ids of operations and approvals differ from one run to the next; the last word may be cut off. */
function comparable(seen: string): string {
  return seen
    .replaceAll(READY, '')
    .replaceAll(/\b[0-9A-HJKMNP-TV-Z]{26}\b|\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, 'ID')
}
