import { z } from 'zod'
import { RESOURCE_TYPES } from '../core/resource.ts'
import { DETECTOR_NAMES, MASKER_NAMES } from '../core/verdict.ts'
import { duration } from '../document/units.ts'
import { GLOBS_MAX, RULES_MAX, WHEN_LENGTH_MAX } from './limits.ts'
import { parsePattern } from './pattern.ts'

const id = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/, 'must be 1 to 63 of a-z, 0-9, ".", "_", "-"')

const words = z.array(z.string().min(1)).max(GLOBS_MAX)

const pattern = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    const parsed = parsePattern(text)
    if (typeof parsed === 'string') context.addIssue(`is no object pattern: ${parsed}`)
  })

const patterns = z.array(pattern).min(1).max(GLOBS_MAX)

const subjects = z
  .strictObject({
    agents: words.default([]).describe('Names of agents; `*` stands for any text.'),
    groups: words
      .default([])
      .describe('Groups of the token: object ids as the provider says them.'),
    roles: words.default([]).describe('App roles of the token.'),
  })
  .refine(({ agents, groups, roles }) => agents.length + groups.length + roles.length > 0, {
    error: 'must name someone: agents, groups or roles (agents: ["*"] is everyone)',
  })
  .describe('Who the policy is for: any of these.')

const resources = z
  .strictObject({
    names: words.min(1).exactOptional().describe('Names of resources; `*` stands for any text.'),
    types: z.array(z.enum(RESOURCE_TYPES)).min(1).exactOptional(),
    labels: z.record(z.string().min(1), z.string()).exactOptional(),
  })
  .default({})
  .describe('Where it applies: all that is named must fit. Without it, everywhere.')

const matcher = z
  .strictObject({
    actions: words.min(1).exactOptional().describe('`sql.select`, `sql.ddl.*`.'),
    objects: patterns.exactOptional().describe('`sales.public.*`; without it, any object.'),
    text: z
      .array(z.string().min(1).max(WHEN_LENGTH_MAX))
      .min(1)
      .exactOptional()
      .describe('RE2 regular expressions over the exact text; for hold and deny.'),
  })
  .refine((value) => Object.keys(value).length > 0, {
    error: 'must name actions, objects or text',
  })

const masker = z.union([
  // YAML reads an unquoted `null` as nothing.
  z.literal([...MASKER_NAMES, null]).transform((name) => ({ name: name ?? ('null' as const) })),
  z.strictObject({
    name: z.enum(MASKER_NAMES),
    keepStart: z.int().min(0).max(64).exactOptional(),
    keepEnd: z.int().min(0).max(64).exactOptional(),
  }),
])

const predicates = z
  .enum(['allow', 'deny'])
  .default('allow')
  .describe('`deny` refuses statements whose conditions read such a column.')

const mask = z.union([
  z.strictObject({
    columns: patterns.describe('Columns: `sales.public.customers.email`.'),
    with: masker,
    predicates,
  }),
  z
    .strictObject({
      fields: patterns.describe('`columns`, as they are called in APIs: `*/secrets/*/data`.'),
      with: masker,
      predicates,
    })
    .transform(({ fields, ...rest }) => ({ columns: fields, ...rest })),
  z.strictObject({
    detect: z.array(z.enum(DETECTOR_NAMES)).min(1),
    with: masker.default({ name: 'redact' }),
  }),
])

const rule = z
  .strictObject({
    id: id.describe('Unique in the policy; refusals and records name it.'),
    allow: matcher.exactOptional(),
    hold: matcher.exactOptional().describe('Wait for a human, then go on or refuse.'),
    deny: matcher.exactOptional(),
    when: z.string().min(1).max(WHEN_LENGTH_MAX).exactOptional().describe('A CEL condition.'),
    maxRows: z.int().min(1).exactOptional(),
    onMaxRows: z.enum(['error', 'notice']).exactOptional(),
    maxSession: duration('Longest life of a session under this policy.', 1000).exactOptional(),
    mask: z.array(mask).min(1).exactOptional(),
    approvers: z
      .strictObject({
        groups: words.default([]),
        people: words.default([]).describe('Object ids of people.'),
        count: z.int().min(1).max(10).default(1).describe('Distinct people who must agree.'),
      })
      .exactOptional(),
    expires: duration('How long a held operation waits.', 1000).exactOptional(),
    reason: z.enum(['required', 'optional']).exactOptional(),
    message: z.string().min(1).max(1000).exactOptional().describe('Told to a refused agent.'),
    hint: z.string().min(1).max(1000).exactOptional().describe('A way forward, told with it.'),
  })
  .superRefine((value, context) => {
    const effects = (['allow', 'hold', 'deny'] as const).filter((one) => value[one] !== undefined)
    if (effects.length !== 1) context.addIssue('must have exactly one of allow, hold and deny')
    const complain = (message: string, key: string) =>
      context.addIssue({ code: 'custom', message, path: [key] })
    if (value.allow?.text !== undefined) complain('text cannot allow', 'allow')
    if (value.allow !== undefined && value.allow.actions === undefined) {
      complain('must name actions', 'allow')
    }
    if (value.onMaxRows !== undefined && value.maxRows === undefined && value.deny === undefined) {
      complain('has no meaning without maxRows', 'onMaxRows')
    }
    const tooFew = value.approvers === undefined ? undefined : lacking(value.approvers)
    if (tooFew !== undefined) {
      context.addIssue({ code: 'custom', message: tooFew, path: ['approvers', 'count'] })
    }
    if (value.deny !== undefined) {
      for (const key of ['mask', 'maxRows', 'onMaxRows', 'maxSession'] as const) {
        if (value[key] !== undefined) complain('has no meaning for what is denied', key)
      }
    }
    if (value.hold === undefined) {
      for (const key of ['approvers', 'expires', 'reason'] as const) {
        if (value[key] !== undefined) complain('is for hold rules', key)
      }
    } else if (
      (value.approvers?.groups.length ?? 0) + (value.approvers?.people.length ?? 0) ===
      0
    ) {
      complain('must name approvers: groups or people', 'hold')
    }
  })

interface Approvers {
  readonly groups: readonly string[]
  readonly people: readonly string[]
  readonly count: number
}

/** How many are in a group is not known here; whoever is named twice is one. */
function lacking({ groups, people, count }: Approvers): string | undefined {
  const named = new Set(people.map((person) => person.toLowerCase())).size
  if (groups.length > 0 || named === 0 || named >= count) return undefined
  return `can never be met: ${count} must agree, and ${named} may`
}

/** One policy document. */
export const policySchema = z
  .strictObject({
    name: id.describe('Unique among all policies.'),
    description: z.string().exactOptional(),
    subjects,
    resources,
    rules: z.array(rule).min(1).max(RULES_MAX),
    review: z
      .strictObject({
        every: z.enum(['month', 'quarter', 'half-year', 'year']),
        reviewers: z.strictObject({ groups: words.default([]), people: words.default([]) }),
      })
      .exactOptional()
      .describe('When access by this policy is reviewed, and by whom.'),
  })
  .superRefine((policy, context) => {
    const seen = new Set<string>()
    for (const [index, { id }] of policy.rules.entries()) {
      if (seen.has(id)) {
        context.addIssue({
          code: 'custom',
          message: 'is the id of an earlier rule',
          path: ['rules', index, 'id'],
        })
      }
      seen.add(id)
    }
  })

export type PolicyDocument = z.output<typeof policySchema>
export type RuleDocument = PolicyDocument['rules'][number]
export type MaskDocument = NonNullable<RuleDocument['mask']>[number]
