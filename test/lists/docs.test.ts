import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { DETECTOR_NAMES, MASKER_NAMES } from '../../src/core/verdict.ts'
import { ACTIONS } from '../../src/sql/actions.ts'

const DOCS = resolve(import.meta.dirname, '../../docs')

/** Rows of a page's tables whose first cell is one word of the code: `| `word` | …`. */
function rowsOf(page: string): Map<string, string> {
  const text = readFileSync(join(DOCS, page), 'utf8')
  return new Map(
    [...text.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, word, rest]) => [word!, rest!]),
  )
}

test('docs/postgresql.md says of every action what the code says', () => {
  const rows = rowsOf('postgresql.md')
  for (const [action, meaning] of Object.entries(ACTIONS)) assert.equal(rows.get(action), meaning)
  const listed = [...rows.keys()].filter((word) => word.startsWith('sql.'))
  assert.deepEqual(
    listed.filter((word) => !(word in ACTIONS)),
    [],
  )
})

test('docs/masking.md has every masker and every detector', () => {
  const rows = rowsOf('masking.md')
  for (const name of [...MASKER_NAMES, ...DETECTOR_NAMES]) assert.ok(rows.has(name), name)
})
