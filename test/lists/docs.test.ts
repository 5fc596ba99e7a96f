import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import { DETECTOR_NAMES, MASKER_NAMES } from '../../src/core/verdict.ts'
import { ACTIONS } from '../../src/sql/actions.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const DOCS = join(ROOT, 'docs')

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

test('what pages link to, and the files that they name, are there', () => {
  const pages = globSync(['*.md', 'docs/**/*.md', 'test/**/*.md'], { cwd: ROOT })
  assert.ok(pages.length > 20, `only ${pages.length} pages`)
  const missing = pages.flatMap((page) => {
    const text = readFileSync(join(ROOT, page), 'utf8')
    const links = [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1]!)
    const named = [...text.matchAll(/`((?:src|test|bench|demo|emulator)\/[\w./-]+\.ts)`/g)]
    const places = [
      ...links.map((link) => join(ROOT, dirname(page), link)),
      ...named.map((match) => join(ROOT, match[1]!)),
    ]
    return places.filter((place) => !existsSync(place)).map((place) => `${page}: ${place}`)
  })
  assert.deepEqual(missing, [])
})

/** Pages that speak of the code's rooms, whose paths are written from `src` on. */
const GUIDES = ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/design/009-session-core.md']

test('guides name folders and files that are there', () => {
  const files = globSync('src/**/*', { cwd: ROOT })
  const missing = GUIDES.flatMap((page) => {
    const text = readFileSync(join(ROOT, page), 'utf8')
    const named = [...text.matchAll(/`([a-z][a-z-]*(?:\/[a-z-]+)*(?:\.ts|\/))`/g)]
    return named
      .map((match) => match[1]!.replace(/\/$/, ''))
      .filter((name) => !files.some((file) => `/${file}`.endsWith(`/${name}`)))
      .filter((name) => !existsSync(join(ROOT, name)))
      .map((name) => `${page}: ${name}`)
  })
  assert.deepEqual(missing, [])
})
