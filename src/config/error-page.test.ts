import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import { CODES } from '../core/codes.ts'
import { errorPage } from './error-page.ts'

it('docs/errors.md is that of the code (else: npm run schema)', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  assert.equal(page, errorPage())
  for (const code of Object.keys(CODES)) assert.ok(page.includes(`| \`${code}\` |`), code)
})
