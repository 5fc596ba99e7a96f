import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { errorPage } from './error-page.ts'
import { jsonSchemas } from './json-schemas.ts'

/** `npm run schema`: writes the JSON Schemas that editors check our YAML files with, and docs/errors.md. */
const folder = fileURLToPath(new URL('../../schemas/', import.meta.url))
mkdirSync(folder, { recursive: true })
for (const [name, text] of jsonSchemas()) writeFileSync(`${folder}${name}`, text)
writeFileSync(new URL('../../docs/errors.md', import.meta.url), errorPage())
