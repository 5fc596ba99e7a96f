import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Bench } from '../support/gateway.ts'
import { startBench } from '../support/gateway.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import { CANARIES, findCanary } from './canaries.ts'
import type { BypassCase } from './case.ts'
import { COMMANDS } from './corpus-commands.ts'
import { EXPRESSIONS } from './corpus-expressions.ts'
import { HARMLESS, OVER_MASKED } from './corpus-harmless.ts'
import { HIDDEN_CODE } from './corpus-hidden-code.ts'
import { LAUNDERING } from './corpus-laundering.ts'
import { NAMES } from './corpus-names.ts'
import { ORACLES } from './corpus-oracles.ts'
import { READING } from './corpus-reading.ts'
import { SPELLING } from './corpus-spelling.ts'
import { SYSTEM } from './corpus-system.ts'
import { play } from './play.ts'
import type { Played } from './play.ts'
import { POLICIES } from './policies.ts'
import { schema, swap } from './schema.ts'

const skip = noPostgres()

const FAMILIES: Readonly<Record<string, readonly BypassCase[]>> = {
  commands: COMMANDS,
  expressions: EXPRESSIONS,
  harmless: HARMLESS,
  'masked though harmless': OVER_MASKED,
  'hidden code': HIDDEN_CODE,
  laundering: LAUNDERING,
  names: NAMES,
  oracles: ORACLES,
  reading: READING,
  spelling: SPELLING,
  system: SYSTEM,
}

const CASES_MIN = 200

let bench: Bench

before(async () => {
  if (skip === false) bench = await startBench({ policies: POLICIES, schema: schema(CANARIES[0]) })
})
after(() => bench?.stop())

const firstSeen = new Map<BypassCase, string>()

for (const [family, cases] of Object.entries(FAMILIES)) {
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
  for (const one of Object.values(FAMILIES).flat()) {
    const before = firstSeen.get(one)
    if (before === undefined || one.differs !== undefined || one.expect === 'held') continue
    await context.test(one.name, async () => {
      const played = await play(bench, one)
      check(one, played)
      assert.equal(comparable(played.seen), before)
    })
  }
})

test('the corpus is there, with no trick twice', () => {
  const names = Object.values(FAMILIES).flatMap((cases) => cases.map(({ name }) => name))
  assert.ok(names.length >= CASES_MIN, `${names.length} cases`)
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  )
})

test('the look-out for canaries sees them in every spelling', () => {
  const { email, card } = CANARIES[0]
  const bytes = Buffer.from(email)
  const reversed = Array.from(email).reverse().join('')
  const spellings = [email.toUpperCase(), reversed, bytes.toString('hex'), bytes.toString('base64')]
  for (const text of [...spellings, card, `x${bytes.toString('base64')}`, email.slice(3, 9)]) {
    assert.notEqual(findCanary(`some ${text} thing`), undefined, text)
  }
  assert.equal(findCanary('[redacted] ****0864 z***@***.example'), undefined)
})

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
