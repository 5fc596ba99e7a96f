import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { jsonSchemas } from './json-schemas.ts'

/** `npm run schema`: writes the JSON Schemas that editors check our YAML files with. */
const folder = fileURLToPath(new URL('../../schemas/', import.meta.url))
mkdirSync(folder, { recursive: true })
for (const [name, text] of jsonSchemas()) writeFileSync(`${folder}${name}`, text)
