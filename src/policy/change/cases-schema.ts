import { z } from 'zod'
import type { Code } from '../../core/codes.ts'
import { CODES } from '../../core/codes.ts'
import { RESOURCE_TYPES } from '../../core/resource.ts'
import { CASES_MAX, SQL_CHARS_MAX } from '../limits.ts'
import { parsePattern } from '../pattern.ts'

const words = z.array(z.string().min(1)).max(1000).default([])
const labels = z.record(z.string(), z.string()).default({})

const object = z
  .string()
  .superRefine((text, context) => {
    if (objectPath(text) === undefined) context.addIssue('must be an object, without "*"')
  })
  .describe('`sales.public.customers.email`')

const agent = z
  .strictObject({
    name: z.string().min(1),
    owner: z.string().default('the owner'),
    purpose: z.string().default(''),
    labels,
    groups: words,
    roles: words,
  })
  .describe('Who asks.')

const resource = z
  .strictObject({ name: z.string().min(1), type: z.enum(RESOURCE_TYPES), labels })
  .describe('Where it asks.')

const access = z.strictObject({
  action: z.string().min(1),
  object,
  parts: z
    .union([z.literal('all'), z.array(z.string().min(1))])
    .exactOptional()
    .describe('Columns; `all` where they are not known.'),
  grant: z.enum(['required', 'implied']).default('required'),
})

const operation = z
  .strictObject({
    kind: z.string().min(1).default('CASE').describe('`op.kind`: `ListBlobs`.'),
    accesses: z.array(access).min(1),
    text: z.string().default(''),
    predicates: z.array(object).default([]).describe('Columns that conditions read.'),
    statements: z.int().min(1).default(1),
    readOnly: z.boolean().default(false),
    hasWhere: z.boolean().default(true),
    unseen: z
      .array(z.enum(['data', 'code']))
      .default([])
      .describe('What takes part and cannot be read: `data` of COPY, `code` of functions.'),
    hidden: z.int().min(0).default(0).describe('Values that approvers are not shown.'),
  })
  .describe('What it asks for, in the words of policies.')

const catalog = z
  .strictObject({
    database: z.string().min(1),
    searchPath: z.array(z.string().min(1)).default(['public']),
    tables: z
      .record(z.string(), z.array(z.string().min(1)))
      .default({})
      .describe('`public.customers: [id, name]`: every column of every table that cases name.'),
    views: z
      .record(z.string(), z.strictObject({ columns: z.array(z.string()), definition: z.string() }))
      .default({}),
    functions: z
      .record(z.string(), z.enum(['immutable', 'stable', 'volatile']))
      .default({})
      .describe('Functions of yours, and how PostgreSQL calls their volatility.'),
  })
  .describe('What the target would tell of the names in `sql`.')

const policyCase = z
  .strictObject({
    name: z.string().min(1).describe('Says what the case is about.'),
    agent: agent.exactOptional(),
    resource: resource.exactOptional(),
    at: z.iso
      .datetime({ offset: true, error: 'must be a time such as 2026-11-24T09:00:00Z' })
      .exactOptional()
      .describe('`now` of conditions.'),
    sql: z.string().min(1).max(SQL_CHARS_MAX).exactOptional(),
    operation: operation.exactOptional(),
    expect: z.enum(['allow', 'hold', 'deny']),
    rule: z.string().exactOptional().describe('`policy/rule` that must have taken part.'),
    code: z
      .enum(Object.keys(CODES) as [Code, ...Code[]])
      .exactOptional()
      .describe('The code of the refusal.'),
    masks: z.array(object).exactOptional().describe('Columns that must be masked.'),
    clear: z.array(object).exactOptional().describe('Columns that must not be.'),
    maxRows: z.int().min(1).exactOptional().describe('The row limit that must be in force.'),
  })
  .superRefine((value, context) => {
    if ((value.sql === undefined) === (value.operation === undefined)) {
      context.addIssue('must have exactly one of sql and operation')
    }
    const complain = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message })
    if (value.code !== undefined && value.expect !== 'deny') complain('code', 'is for expect: deny')
    if (value.expect !== 'deny') return
    for (const key of ['masks', 'clear', 'maxRows'] as const) {
      if (value[key] !== undefined) complain(key, 'has no meaning for what is denied')
    }
  })

/** A file of cases for `chaperone policy test`. */
export const caseFileSchema = z
  .strictObject({
    agent: agent.exactOptional(),
    resource: resource.exactOptional(),
    catalog: catalog.exactOptional(),
    cases: z.array(policyCase).min(1).max(CASES_MAX),
  })
  .superRefine(({ agent, resource, catalog, cases }, context) => {
    for (const [index, one] of cases.entries()) {
      const complain = (message: string) =>
        context.addIssue({ code: 'custom', path: ['cases', index], message })
      if ((one.agent ?? agent) === undefined) complain('has no agent, and there is none above')
      if ((one.resource ?? resource) === undefined) {
        complain('has no resource, and there is none above')
      }
      if (one.sql !== undefined && catalog === undefined) {
        complain('has sql, and there is no catalog above')
      }
    }
  })

export type CaseFile = z.output<typeof caseFileSchema>
export type CaseDocument = CaseFile['cases'][number]
export type CaseCatalog = NonNullable<CaseFile['catalog']>

/** The catalog alone, as `chaperone policy explain --catalog` reads it. */
export const catalogSchema = catalog

/** The path that the text stands for; undefined where it is a pattern of several. */
export function objectPath(text: string): readonly string[] | undefined {
  const pattern = parsePattern(text)
  if (typeof pattern === 'string') return undefined
  const path: string[] = []
  for (const segment of pattern.exact) {
    if (segment === 'any-number' || segment.parts.length > 1) return undefined
    path.push(segment.parts[0]!)
  }
  return path
}
