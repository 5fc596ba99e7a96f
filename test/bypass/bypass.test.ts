import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CANARIES, findCanary } from './canaries.ts'
import type { BypassCase } from './case.ts'

const CASES_MIN = 850

/** What `testFamilies` plays: every list of cases that a file of the corpus exports. */
async function corpus(): Promise<Map<string, readonly BypassCase[]>> {
  const lists = new Map<string, readonly BypassCase[]>()
  for (const file of readdirSync(import.meta.dirname).filter((name) =>
    name.startsWith('corpus-'),
  )) {
    const exported = (await import(join(import.meta.dirname, file))) as Record<string, unknown>
    for (const [name, list] of Object.entries(exported)) if (isCases(list)) lists.set(name, list)
  }
  return lists
}

function isCases(value: unknown): value is readonly BypassCase[] {
  const first: unknown = Array.isArray(value) ? value[0] : undefined
  return typeof first === 'object' && first !== null && 'steps' in first && 'expect' in first
}

const lists = await corpus()

test('every list of cases is played by a file of tests', () => {
  const calls = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => {
      const text = readFileSync(join(import.meta.dirname, name), 'utf8')
      return /^testFamilies\((.*?)\)$/ms.exec(text)?.[1] ?? []
    })
  for (const name of lists.keys()) {
    const playing = calls.filter((call) => new RegExp(`: ${name}\\b`).test(call))
    assert.equal(playing.length, 1, name)
  }
})

test('the corpus is there, with no trick twice', () => {
  const names = [...lists.values()].flatMap((cases) => cases.map(({ name }) => name))
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
