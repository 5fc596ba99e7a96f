import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { VOCABULARIES } from '../../src/main/vocabularies.ts'
import { parseCases, runCases } from '../../src/policy/change/cases.ts'
import { lintPolicies } from '../../src/policy/change/lint.ts'
import { parsePolicies } from '../../src/policy/document.ts'
import { createPolicySet } from '../../src/policy/policy-set.ts'
import { classifyDeclared } from '../../src/sql/postgres/declared-catalog.ts'

const FOLDER = join(import.meta.dirname, '../../policies')
const NOW_ms = Date.UTC(2026, 10, 24, 9)

function filesOf(folder: string) {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }))
}

const files = filesOf(FOLDER)
const parsed = parsePolicies(files)
const cases = filesOf(join(FOLDER, 'cases')).map(parseCases)
const results = cases.flatMap((one) => resultsOf(files, one))

function resultsOf(policies: typeof files, one: (typeof cases)[number]) {
  return runCases(createPolicySet(parsePolicies(policies)), one, classifyDeclared, NOW_ms)
}

describe('the policies that are shipped', () => {
  it('are valid and nothing is strange about them, together and alone', () => {
    assert.ok(files.length >= 7)
    for (const some of [files, ...files.map((one) => [one])]) {
      assert.deepEqual(lintPolicies(parsePolicies(some).policies, VOCABULARIES), [])
    }
  })

  it('are called as their files, and say for whom they are and what to edit', () => {
    for (const { name, file, document } of parsed.policies) {
      assert.equal(file, `${name}.yaml`)
      assert.notEqual(document.description, undefined)
    }
    for (const { file, text } of files) assert.match(text, /^# For [^]*\n# Edit:\n/, file)
  })

  it('pass their cases', () => {
    assert.deepEqual(
      results.filter(({ passed }) => !passed),
      [],
    )
  })

  it('pass cases of their own alone, as they are when one is copied', () => {
    for (const one of files) {
      const text = readFileSync(join(FOLDER, 'cases', one.file), 'utf8')
      const alone = resultsOf([one], parseCases({ file: one.file, text }))
      assert.deepEqual(
        alone.filter(({ passed }) => !passed),
        [],
      )
    }
  })

  it('have cases in which each rule takes part', () => {
    const seen = new Set(results.flatMap(({ rules }) => rules))
    const unseen = parsed.policies
      .flatMap(({ rules }) => rules.map(({ policy, id }) => `${policy}/${id}`))
      .filter((name) => !seen.has(name))
    assert.deepEqual(unseen, [])
  })

  it('ask two people where they say so', () => {
    const counts = parsed.policies
      .flatMap(({ rules }) => rules)
      .filter(({ id }) => /two|^escalation$/.test(id))
      .map(({ approval }) => approval?.count)
    assert.deepEqual(counts, [2, 2, 2])
  })
})
