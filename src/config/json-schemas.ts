import { z } from 'zod'
import { agentSchema } from '../identity/agents/schema.ts'
import { caseFileSchema } from '../policy/change/cases-schema.ts'
import { policySchema } from '../policy/schema.ts'
import { recordSchema } from '../record/lines/schema.ts'
import { configSchema } from './schema.ts'

/** File name and content of every JSON Schema (draft 2020-12) that is published. */
export function jsonSchemas(): ReadonlyMap<string, string> {
  return new Map([
    ['agents.schema.json', write('A file of agents', z.array(agentSchema))],
    ['chaperone.schema.json', write('The configuration of a gateway', configSchema('/'))],
    ['policy.schema.json', write('A policy', policySchema)],
    ['record.schema.json', write('One record of a segment', recordSchema)],
    ['policy-cases.schema.json', write('Cases that policies are tried with', caseFileSchema)],
  ])
}

function write(title: string, schema: z.ZodType): string {
  const body = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' })
  return `${JSON.stringify({ title, ...body }, null, 2)}\n`
}
