import { z } from 'zod'
import { configSchema } from './schema.ts'

/** File name and content of every JSON Schema (draft 2020-12) that is published. */
export function jsonSchemas(): ReadonlyMap<string, string> {
  const config = z.toJSONSchema(configSchema('/'), { io: 'input', target: 'draft-2020-12' })
  return new Map([
    ['chaperone.schema.json', write('The configuration of a chaperone gateway', config)],
  ])
}

function write(title: string, schema: object): string {
  return `${JSON.stringify({ title, ...schema }, null, 2)}\n`
}
