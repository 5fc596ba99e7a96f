import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, test } from 'node:test'
import { readyForQuery } from '../../src/protocol/postgres/messages/message.ts'
import { int16, int32, message } from '../../src/protocol/postgres/messages/writer.ts'
import { loadParser } from '../../src/sql/postgres/parse/parser.ts'
import { readLines } from './notation.ts'
import type { Player } from './player.ts'
import { openPlayer } from './player.ts'

/** A target that breaks the protocol ends the session, and nothing unmasked comes through. */
const SECRET = 'ada@example.com'
const FILE = new URL('conversations/simple-masked.txt', import.meta.url)

before(() => loadParser())

/** Plays a conversation up to where the target owes the answer to SELECT id, email. */
function asked(): Player {
  const player = openPlayer()
  for (const { direction, bytes } of readLines(readFileSync(FILE, 'utf8'))) {
    if (direction === 'f' && bytes.toString('latin1').includes('SELECT id, email')) break
    if (direction === 'F') player.fromClient(bytes)
    if (direction === 'B') player.fromTarget(bytes)
  }
  player.takeForClient()
  player.takeForTarget()
  return player
}

function field(name: string, typeOid: number): Buffer[] {
  return [
    Buffer.from(`${name}\0`),
    int32(0),
    int16(0),
    int32(typeOid),
    int16(-1),
    int32(-1),
    int16(0),
  ]
}

function row(...values: string[]): Buffer {
  const parts = values.flatMap((value) => [int32(value.length), Buffer.from(value)])
  return message(0x44, int16(values.length), ...parts)
}

const DESCRIPTION = message(0x54, int16(2), ...field('id', 23), ...field('email', 25))
const OTHER_NAMES = message(0x54, int16(2), ...field('email', 25), ...field('id', 25))
const ERROR = (text: Buffer) =>
  message(0x45, Buffer.from('SERROR\0VERROR\0C22P02\0M'), text, Buffer.from([0]))

const broken: Readonly<Record<string, readonly Buffer[]>> = {
  'a row before its description': [row('1', SECRET)],
  'a row of more columns than described': [DESCRIPTION, row('1', '2', SECRET)],
  'a row of fewer columns': [DESCRIPTION, row(SECRET)],
  'a row whose lengths lie': [
    DESCRIPTION,
    message(0x44, int16(2), int32(1), Buffer.from('1'), int32(99), Buffer.from(SECRET)),
  ],
  'a row with a negative length': [
    DESCRIPTION,
    message(0x44, int16(2), int32(-2), int32(15), Buffer.from(SECRET)),
  ],
  'a row with bytes behind it': [
    DESCRIPTION,
    message(0x44, int16(2), int32(-1), int32(-1), Buffer.from(SECRET)),
  ],
  'COPY data that nobody asked for': [message(0x64, Buffer.from(SECRET))],
  'COPY out that nobody asked for': [
    message(0x48, Buffer.from([0]), int16(1), int16(0)),
    message(0x64, Buffer.from(SECRET)),
  ],
  'COPY in that nobody asked for': [message(0x47, Buffer.from([0]), int16(1), int16(0))],
  'COPY both': [message(0x57, Buffer.from([0]), int16(1), int16(0))],
  'an acknowledgement of nothing': [message(0x32), row('1', SECRET)],
  'a portal that suspends where there is none': [message(0x73)],
  'two ends': [message(0x43, 'SELECT 0'), readyForQuery('I'), readyForQuery('I')],
  'an end in no state': [message(0x5a, Buffer.from('X'))],
  'an authentication request': [message(0x52, int32(3))],
  'an unknown type': [message(0x7f, Buffer.from(SECRET))],
  'an impossible length': [Buffer.from([0x44, 0, 0, 0, 3])],
  'a negative length': [Buffer.from([0x44, 0xff, 0xff, 0xff, 0xff])],
  'a description that is cut short': [message(0x54, int16(2), ...field('id', 23))],
  'an error that is no UTF-8': [ERROR(Buffer.from([0xff, 0xfe, 0]))],
  'another client_encoding': [message(0x53, 'client_encoding', 'SJIS')],
  'another standard_conforming_strings': [message(0x53, 'standard_conforming_strings', 'off')],
}

for (const [name, parts] of Object.entries(broken)) {
  const bytes = Buffer.concat(parts)
  for (const size of [bytes.length, 1]) {
    test(`${name}, in pieces of ${size}`, () => {
      const player = asked()
      for (let at = 0; at < bytes.length; at += size) {
        player.fromTarget(Buffer.from(bytes.subarray(at, at + size)))
      }
      const heard = player.takeForClient().toString('latin1')
      assert.match(heard, /VFATAL\0C\w{5}\0.*code=(?:TARGET_PROTOCOL|SQL_ENCODING|INTERNAL)/s)
      assert.ok(!heard.includes(SECRET), heard)
      player.fromClient(message(0x51, 'SELECT 1'))
      assert.equal(player.takeForTarget().at(-5), 0x58, 'Terminate is the last that it hears')
    })
  }
}

test('columns under other names than were judged are masked all the same', () => {
  const player = asked()
  player.fromTarget(Buffer.concat([OTHER_NAMES, row(SECRET, SECRET)]))
  assert.ok(!player.takeForClient().includes(SECRET))
})

test('what an error quotes of a statement that read masked columns is withheld', () => {
  const player = asked()
  player.fromTarget(Buffer.concat([ERROR(Buffer.from(`${SECRET}\0`)), readyForQuery('I')]))
  const heard = player.takeForClient().toString('latin1')
  assert.match(heard, /C22P02/)
  assert.ok(!heard.includes(SECRET))
})
