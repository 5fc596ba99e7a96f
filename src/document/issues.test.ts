import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { explainIssues } from './issues.ts'
import { formatProblem } from './problems.ts'
import { readYaml } from './yaml.ts'

const SECRET = z.strictObject({ variable: z.string() })
const SCHEMA = z.strictObject({
  text: z.string().optional(),
  count: z.number().optional(),
  whole: z.int().optional(),
  flag: z.boolean().optional(),
  list: z.array(z.string()).optional(),
  map: z.strictObject({ a: z.string() }).optional(),
  one: z.literal('a').optional(),
  few: z.enum(['a', 'b']).optional(),
  secret: SECRET.optional(),
  kinds: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('x'), x: z.string() }),
      z.strictObject({ type: z.literal('y'), y: z.string() }),
    ])
    .optional(),
  either: z.union([z.string(), z.strictObject({ a: z.string(), b: z.string() })]).optional(),
  own: z
    .string()
    .refine((text) => text === 'a', { error: 'must be the letter a' })
    .optional(),
})

/** A document, and what is said of it; the same words wherever the value stands. */
const SAID: Readonly<Record<string, string>> = {
  'text: 1': 'text: must be a text',
  'count: x': 'count: must be a number',
  'whole: 1.5': 'whole: must be a whole number',
  'flag: x': 'flag: must be true or false',
  'list: x': 'list: must be a list',
  'list: [1]': 'list[0]: must be a text',
  'map: x': 'map: must be a map of keys',
  'map: {}': 'map.a: `a` is missing',
  'one: b': 'one: must be `a`',
  'few: c': 'few: must be one of a, b',
  'kinds: { type: z }': 'kinds.type: must be one of x, y',
  'kinds: { type: x }': 'kinds.x: `x` is missing',
  'kinds: { type: x, x: a, y: b }': 'kinds.y: `y` does not belong here',
  'either: 1': 'either: must be a text or a map of keys',
  'either: { a: x }': 'either.b: `b` is missing',
  'own: b': 'own: must be the letter a',
  'secret: hidden': 'secret: must be a map of keys',
  'nothing: 1': 'nothing: unknown key `nothing`',
  'txet: 1': 'txet: unknown key `txet`',
  'map: { password: hidden, a: x }': 'map.password: unknown key `password`',
}

const HINTS: Readonly<Record<string, RegExp>> = {
  'secret: hidden': /secrets are never written here/,
  'nothing: 1': /known here: text, count/,
  'txet: 1': /did you mean `text`/,
  'map: { password: hidden, a: x }': /secrets are never written here/,
}

for (const [text, said] of Object.entries(SAID)) {
  test(`what is said of ${text}`, () => {
    const document = readYaml(text, 'd.yaml')
    const result = SCHEMA.safeParse(document.value)
    const problems = explainIssues(result.error?.issues ?? [], SCHEMA, document)
    assert.equal(problems.length, 1)
    const [first, ...hints] = formatProblem(problems[0]!).split('\n')
    assert.equal(first!.replace(/^d\.yaml:\d+:\d+: /, ''), said)
    assert.match(hints.join('\n'), HINTS[text] ?? /^(?:  hint: known here: .*)?$/)
    assert.doesNotMatch(hints.join('\n') + first!, /hidden/, 'values are not repeated')
  })
}
