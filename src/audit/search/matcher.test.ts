import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Event } from './hit.ts'
import { hitOf } from './hit.ts'
import { parseSearch } from './language.ts'
import { fits, matches } from './matcher.ts'
import { prefilter } from './prefilter.ts'

function record(own: object, text?: string): Event {
  return {
    time: 1000,
    ...(text === undefined ? {} : { query_info: { query_string: text } }),
    unmapped: { chaperone: own },
  }
}

const INTENT = record(
  {
    session: 's1',
    agent: 'etl-1',
    resource: 'sales-db',
    operation: 's1.1',
    verdict: 'hold',
    accesses: [
      { action: 'sql.delete', object: 'sales.public.orders' },
      { action: 'sql.select', object: 'sales."my.schema"."Weird ""T"""' },
    ],
    kind: 'operation.intent',
  },
  'DELETE FROM orders WHERE note = \'Grüße "x"\' -- 50%',
)
const OUTCOME = record({ operation: 's1.1', error: '57014', kind: 'operation.outcome' })
const ANSWER = record({
  operation: 's1.1',
  type: 'approval-answered',
  approval: 'a-7',
  person: 'oid-anna',
  details: { personName: 'Anna' },
  kind: 'note',
})

const REFUSED = record({ operation: 's1.1', error: 'APPROVAL_DENIED', kind: 'operation.outcome' })

function found(text: string): boolean {
  const terms = parseSearch(text, 0)
  const related = [OUTCOME, ANSWER]
  const result = matches(terms, hitOf(INTENT, related))
  const lines = [INTENT, ...related].map((event) => Buffer.from(JSON.stringify(event)))
  const filter = prefilter(terms)
  if (result) assert.ok(filter.first(lines[0]!) && filter.all(lines), 'the prefilter holds it back')
  return result
}

const MATCHES = [
  '',
  'agent:etl-1 resource:sales-db session:s1 operation:s1.1',
  'agent:etl-* -agent:other',
  'agent:*l-1',
  'agent:*',
  'action:sql.delete',
  'action:sql.*',
  'table:orders',
  'table:public.orders',
  'table:sales.public.orders',
  'table:sales.*',
  'table:"\\"Weird \\"\\"T\\"\\"\\""',
  'table:"\\"my.schema\\".\\"Weird \\"\\"T\\"\\"\\""',
  'verdict:held -verdict:allowed',
  'code:57014',
  'code:57*',
  'approval:a-7',
  'person:oid-anna',
  'person:Anna',
  'type:approval-*',
  'type:operation-outcome',
  'delete ORDERS',
  '"from orders where"',
  'GRÜSSE',
  '"\\"x\\""',
  '-truncate',
  'after:1970-01-01 before:1970-01-02',
]

const MISSES = [
  'agent:etl',
  'agent:ETL-1',
  'agent:*2',
  'action:sql.update',
  'table:order',
  'table:sales',
  'table:"T"',
  'table:schema',
  'verdict:denied',
  '-verdict:held',
  'code:42501',
  'person:anna',
  'type:note-*',
  'delete customers',
  '-orders',
  '"orders from"',
  'after:1970-01-02',
  'before:1970-01-01',
  'agent:etl-1 verdict:denied',
]

test('searches that find it', () => {
  // German ß has no single capital letter: SS is not ß, in small letters either.
  const expected = MATCHES.filter((text) => text !== 'GRÜSSE')
  assert.deepEqual(MATCHES.filter(found), expected)
  assert.ok(found('GRÜßE'))
})

test('searches that do not', () => {
  assert.deepEqual(MISSES.filter(found), [])
})

test('a glob fits as a regular expression does', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 })
  fc.assert(
    fc.property(fc.array(texts, { minLength: 1, maxLength: 4 }), texts, (pattern, value) => {
      const source = pattern.map((part) => part.replaceAll('.', '\\.')).join('.*')
      assert.equal(fits(pattern, value), new RegExp(`^(?:${source})$`).test(value))
    }),
  )
})

test('the prefilter lets through all that matches', () => {
  const texts = fc.oneof(
    fc.string({
      unit: fc.constantFrom('k', 'K', '\u212a', 'İ', 'i', 'ß', '"', '\\', '\n', 'é', 'É', ' '),
    }),
    fc.string({ unit: 'binary' }),
  )
  let matched = 0
  fc.assert(
    fc.property(texts, fc.nat(20), fc.nat(5), (text, start, length) => {
      const word = text.slice(start, start + length + 1).toUpperCase()
      if (word === '') return
      const event = record({ kind: 'operation.intent' }, text)
      const terms = [{ type: 'word' as const, word, not: false }]
      if (!matches(terms, hitOf(event, []))) return
      matched += 1
      assert.ok(prefilter(terms).first(Buffer.from(JSON.stringify(event))))
    }),
    { numRuns: 500 },
  )
  assert.ok(matched > 0)
})

test('what was not let through is found by one word, whoever refused it', () => {
  const refused = (text: string, ...events: readonly [Event, ...Event[]]) => {
    const terms = parseSearch(text, 0)
    const [first, ...related] = events
    const lines = events.map((event) => Buffer.from(JSON.stringify(event)))
    const filter = prefilter(terms)
    const passes = filter.first(lines[0]!) && filter.all(lines)
    return passes && matches(terms, hitOf(first, related))
  }
  const denied = record({ verdict: 'deny', kind: 'operation.intent' })
  const allowed = record({ verdict: 'allow', kind: 'operation.intent' })
  assert.equal(refused('verdict:refused', denied), true)
  assert.equal(refused('verdict:refused', INTENT, REFUSED), true)
  assert.equal(refused('verdict:refused', INTENT, OUTCOME, ANSWER), false)
  assert.equal(refused('verdict:refused', INTENT), false)
  const turnedAway = record({ code: 'APPROVAL_NOT_ALLOWED', type: 'approval-answered' })
  assert.equal(refused('verdict:refused', INTENT, turnedAway, ANSWER), false)
  assert.equal(refused('verdict:refused', allowed), false)
  assert.equal(refused('-verdict:refused', INTENT, REFUSED), false)
  assert.equal(refused('verdict:denied', INTENT, REFUSED), false)
  assert.equal(refused('verdict:held code:APPROVAL_DENIED', INTENT, REFUSED), true)
})
