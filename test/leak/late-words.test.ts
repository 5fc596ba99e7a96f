import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bind, execute, parse, SYNC } from '../../src/protocol/postgres/messages/message.ts'
import { query } from '../../src/protocol/postgres/signing-in/handshake-messages.ts'
import { CANARIES, findCanary } from '../bypass/canaries.ts'
import { AGENT_OF, POLICIES } from '../bypass/corpus-texts.ts'
import { schema, WATCHED_TABLES } from '../bypass/texts-schema.ts'
import type { Dice } from '../support/dice.ts'
import { countFrom, createDice, seedFrom } from '../support/dice.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import { openRawClient } from '../support/raw-client.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

const skip = noPostgres()
const SEED = seedFrom('LATE_WORDS_SEED')
const TRANSACTIONS = countFrom('LATE_WORDS', 100)
/** Many transactions must make the target say what it may not. */
const WITHHELD_MIN = TRANSACTIONS / 5

let bench: Bench
before(async () => {
  if (skip === false) bench = await startBench({ policies: POLICIES, schema: schema(CANARIES[1]) })
})
after(() => bench?.stop())

const HELD = "SELECT string_agg(email, ' ')::int FROM customers"

/** Work that is put off, or spoken of late. */
const PUTS_OFF: readonly ((dice: Dice, turn: number) => string)[] = [
  (_, turn) => `DECLARE h${turn} CURSOR WITH HOLD FOR ${HELD}`,
  (_, turn) => `DECLARE s${turn} SCROLL CURSOR FOR ${HELD}`,
  (_, turn) => `PREPARE p${turn} AS ${HELD}`,
  () => 'DELETE FROM addresses',
  () => 'UPDATE guests SET email = (SELECT max(g.email) FROM guests g)',
  (dice) => `UPDATE ${dice.pick(WATCHED_TABLES)} SET spare = 'go'`,
  (dice) => `UPDATE ${dice.pick(WATCHED_TABLES)} SET name = 'x'`,
]

const GOES_ON: readonly string[] = [
  'SELECT 1',
  'SELECT id FROM plain',
  'SELECT note::int FROM plain',
  'SELECT 1 / 0',
  'SAVEPOINT a',
  'ROLLBACK TO a',
  'RELEASE a',
  'SET CONSTRAINTS ALL IMMEDIATE',
  'SET CONSTRAINTS ALL DEFERRED',
  "SET LOCAL TimeZone = 'UTC'",
  "INSERT INTO plain VALUES (1, 'x')",
]

const ENDS = ['COMMIT', 'END', 'COMMIT AND CHAIN', 'ROLLBACK', "PREPARE TRANSACTION 'p'"]

function transaction(dice: Dice): string[] {
  const steps = Array.from({ length: 2 + dice.between(0, 6) }, (_, turn) =>
    dice.between(0, 10) < 4 ? dice.pick(PUTS_OFF)(dice, turn) : dice.pick(GOES_ON),
  )
  return ['BEGIN', dice.pick(PUTS_OFF)(dice, 99), ...steps, dice.pick(ENDS)]
}

/** Each statement alone or with the next ones, as Query or in a batch. */
function rounds(dice: Dice, statements: readonly string[]): Buffer[] {
  const sent: Buffer[] = []
  for (let at = 0; at < statements.length;) {
    const some = statements.slice(at, at + 1 + dice.between(0, 3))
    at += some.length
    const isText = dice.between(0, 10) < 5
    sent.push(isText ? query(some.join('; ')) : Buffer.concat([...some.map(extended), SYNC]))
  }
  return sent
}

function extended(text: string): Buffer {
  return Buffer.concat([parse('', text), bind('', '', []), execute('')])
}

test(`no canary in what comes late, seed ${SEED}`, { skip }, async () => {
  const dice = createDice(SEED)
  let withheld = 0
  for (let turn = 0; turn < TRANSACTIONS; turn++) {
    const statements = transaction(dice)
    const client = await openRawClient(
      bench,
      AGENT_OF[dice.between(0, 10) < 8 ? 'writer' : 'reader'],
    )
    let heard = ''
    for (const bytes of rounds(dice, statements)) {
      client.say(bytes)
      for (const { type, body } of await client.hear()) heard += `${type} ${body}\n`
    }
    client.destroy()
    assert.equal(findCanary(heard), undefined, `${statements.join(';\n')}\n${heard}`)
    if (heard.includes("(the target's message is withheld)")) withheld++
  }
  assert.ok(withheld >= WITHHELD_MIN, `only ${withheld} of ${TRANSACTIONS} made the target speak`)
})
