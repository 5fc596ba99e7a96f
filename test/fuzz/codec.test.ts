import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CODES } from '../../src/core/codes.ts'
import { ChaperoneError } from '../../src/core/errors.ts'
import { frontendMessageBytes, messageBytes } from '../../src/protocol/postgres/messages/frame.ts'
import {
  bind,
  close,
  describe,
  errorResponse,
  execute,
  parse,
  readBind,
  readExecute,
  readMessageFields,
  readParse,
  readQuery,
  readRowDescription,
  readTarget,
} from '../../src/protocol/postgres/messages/message.ts'
import type { Dice } from '../support/dice.ts'
import { createDice } from '../support/dice.ts'
import { runs, SEED } from './amounts.ts'

const READERS = {
  readParse,
  readBind,
  readExecute,
  readTarget,
  readQuery,
  readRowDescription,
  readMessageFields,
}
const RUNS = runs(20_000)
const BODY_BYTES_MAX = 60
const HEADER_BYTES = 5

/** Small numbers and ends of strings are what bodies are made of. */
function body(dice: Dice): Buffer {
  const bytes = Array.from({ length: dice.between(0, BODY_BYTES_MAX) }, () =>
    dice.pick([0, 0, 0, 1, 2, 4, 255, dice.between(0, 256), dice.between(97, 123)]),
  )
  return Buffer.from(bytes)
}

function isCoded(error: unknown): boolean {
  return error instanceof ChaperoneError && error.code in CODES && error.code !== 'INTERNAL'
}

test(`every body is read whole or refused by a code, by seed ${SEED}`, () => {
  let read = 0
  for (let run = 0; run < RUNS; run++) {
    const dice = createDice(SEED).child(run)
    const around = Buffer.concat([body(dice), body(dice), body(dice)])
    const start = dice.between(0, around.length + 1)
    const end = dice.between(start, around.length + 1)
    for (const [name, reader] of Object.entries(READERS)) {
      try {
        const value = reader(around, start, end)
        const alone = reader(Buffer.from(around.subarray(start, end)), 0, end - start)
        assert.deepEqual(alone, value, `${name} looked beyond its body, run ${run}`)
        read++
      } catch (error) {
        if (!isCoded(error))
          throw new Error(`${name}, FUZZ_SEED=${SEED}, run ${run}`, { cause: error })
      }
    }
  }
  assert.ok(read > RUNS / 100, `only ${read} bodies were read`)
})

test(`what is written is read again, by seed ${SEED}`, () => {
  const text = (dice: Dice) => body(dice).toString('latin1').replaceAll('\0', '')
  for (let run = 0; run < RUNS / 20; run++) {
    const dice = createDice(SEED).child(run)
    const [one, two] = [text(dice), text(dice)]
    const values = Array.from({ length: dice.between(0, 4) }, () => dice.pick([null, text(dice)]))
    const bound = readBind(...bodyOf(bind(one, two, values)))
    assert.deepEqual(
      [bound.portal, bound.statement, bound.parameters.map((value) => value?.toString() ?? null)],
      [one, two, values],
    )
    assert.deepEqual(readParse(...bodyOf(parse(one, two))), {
      statement: one,
      text: two,
      parameterTypes: [],
    })
    const rows = dice.between(0, 1000)
    assert.deepEqual(readExecute(...bodyOf(execute(one, rows))), { portal: one, maxRows: rows })
    for (const kind of ['statement', 'portal'] as const) {
      assert.deepEqual(readTarget(...bodyOf(describe(kind, one))), { kind, name: one })
      assert.deepEqual(readTarget(...bodyOf(close(kind, one))), { kind, name: one })
    }
    const fields = [['S', one] as const, ['M', two] as const]
    assert.deepEqual(readMessageFields(...bodyOf(errorResponse(fields))), fields)
  }
})

function bodyOf(message: Buffer): [buffer: Buffer, start: number, end: number] {
  return [message, HEADER_BYTES, messageBytes(message, 0, message.length)]
}

test(`every header has a size or is refused by a code, by seed ${SEED}`, () => {
  for (let run = 0; run < RUNS; run++) {
    const dice = createDice(SEED).child(run)
    const bytes = body(dice)
    for (const size of [messageBytes, frontendMessageBytes]) {
      try {
        const length = size(bytes, 0, bytes.length)
        assert.ok(length === 0 ? bytes.length < HEADER_BYTES : length >= HEADER_BYTES)
      } catch (error) {
        if (!isCoded(error)) throw error
      }
    }
  }
})
