import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { it } from 'node:test'
import { jsonSchemas } from './json-schemas.ts'

const folder = new URL('../../schemas/', import.meta.url)

it('the published JSON Schemas are those of the code (else: npm run schema)', () => {
  const schemas = jsonSchemas()
  assert.deepEqual(readdirSync(folder).sort(), [...schemas.keys()].sort())
  for (const [name, text] of schemas) {
    assert.equal(readFileSync(new URL(name, folder), 'utf8'), text, name)
  }
})
