import { z } from 'zod'
import type { Code } from '../../core/codes.ts'
import { CODES } from '../../core/codes.ts'
import { RECORD_FORMAT } from './line.ts'

const milliseconds = z.number().describe('Milliseconds since the Unix epoch.')
const code = z.enum(Object.keys(CODES) as [Code, ...Code[]])
const kept = z
  .union([
    z.string(),
    z.null(),
    z.looseObject({ cut: z.string(), length: z.int(), sha256: z.string() }),
  ])
  .describe('A value; of a long one the beginning, its length and its SHA-256.')

const common = {
  format: z.literal(RECORD_FORMAT),
  session: z.string().optional(),
  agent: z.string().optional(),
  resource: z.string().optional(),
  protocol: z.enum(['postgres', 'kubernetes', 'azure']).optional(),
}

const access = z.looseObject({
  action: z.string(),
  object: z.string(),
  parts: z.union([z.array(z.string()), z.literal('all')]).optional(),
  implied: z.boolean().optional().describe('Nothing had to allow it.'),
})

const intent = z.looseObject({
  ...common,
  kind: z.literal('operation.intent'),
  operation: z.string().describe('Joins intent, approval and outcome.'),
  phase: z.enum(['prepare', 'run']),
  verdict: z.enum(['allow', 'hold', 'deny']),
  policyVersion: z.string(),
  reasons: z.array(
    z.looseObject({
      policy: z.string(),
      rule: z.string(),
      effect: z.enum(['allow', 'hold', 'deny']),
    }),
  ),
  denial: z.looseObject({ code, message: z.string() }).optional(),
  statement: z.string(),
  fingerprint: z.string(),
  accesses: z.array(access),
  parameters: z.array(kept).optional(),
  predicates: z.array(z.string()).optional().describe('Columns that conditions read.'),
  copies: z
    .array(z.looseObject({ from: z.string().nullable(), to: z.string() }))
    .optional()
    .describe('Values that are put elsewhere; `from` is null where that cannot be told.'),
})

const outcome = z.looseObject({
  ...common,
  kind: z.literal('operation.outcome'),
  operation: z.string(),
  result: z.enum(['success', 'error', 'refused', 'withdrawn', 'skipped', 'lost']),
  duration_ms: z.number(),
  rows: z.number().optional(),
  bytes: z.number().optional(),
  error: z.string().optional().describe("The target's own code, or ours."),
  masked: z.array(z.string()).optional().describe('Output columns whose values were changed.'),
})

const terminal = z.looseObject({
  ...common,
  kind: z.literal('operation.terminal'),
  operation: z.string(),
  stream: z
    .enum(['i', 'o', 'r', 'm'])
    .describe('Input, output, a new size, or a marker (asciicast v3).'),
  text: kept,
})

const session = z.looseObject({
  ...common,
  kind: z.enum(['session.opened', 'session.closed']),
  code: code.optional(),
})

const note = z.looseObject({ ...common, kind: z.literal('note') })

/** One line of a records segment, but for its first and last: an OCSF event with our own fields. */
export const recordSchema = z.looseObject({
  metadata: z.looseObject({
    uid: z.string().describe('Segment id and sequence number.'),
    sequence: z.int().min(1),
    version: z.string().describe('Of OCSF.'),
    product: z.looseObject({ name: z.string(), version: z.string() }),
  }),
  category_uid: z.int(),
  class_uid: z.int(),
  type_uid: z.int(),
  time: milliseconds,
  unmapped: z.looseObject({
    chaperone: z.discriminatedUnion('kind', [intent, outcome, terminal, session, note]),
  }),
})
