import type { DetectMask } from '../../../core/verdict.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import { REDACTED } from '../../../mask/maskers.ts'
import { createTextMasker } from '../../../mask/mask-text.ts'
import type { MessageField } from '../messages/message.ts'
import { conditionName } from './condition-names.ts'

/**
 * What the target's own texts may hold of masked values:
 * - `withheld`: anything, since the statement reads them or runs code;
 * - `row`: rows that a constraint refused, since it writes where masked columns may be;
 * - `code`: what code that the statement does not name says (triggers, domains); it has a context;
 * - `free`: nothing.
 */
export type Words = 'withheld' | 'row' | 'code' | 'free'

export interface ScrubOptions {
  readonly words: Words
  readonly detectMasks: readonly DetectMask[]
  readonly keys: MaskKeys
}

/**
 * The fields of an ErrorResponse or NoticeResponse (PostgreSQL documentation, "Error and Notice
 * Message Fields") as the agent may see them; the same array where nothing had to change.
 */
export function scrubMessage(
  fields: readonly MessageField[],
  { words, detectMasks, keys }: ScrubOptions,
): readonly MessageField[] {
  if (isWithheld(fields, words)) return withheld(fields)
  const safe = words === 'row' ? fields.filter(([type]) => type !== 'D') : fields
  const kept = safe.length === fields.length ? fields : safe
  return detectMasks.length === 0 ? kept : searched(kept, detectMasks, keys)
}

/** Of constraints the server names the row in the detail only. A context means that code speaks. */
function isWithheld(fields: readonly MessageField[], words: Words): boolean {
  if (words === 'free') return false
  if (words === 'withheld') return true
  const context = fields.find(([type]) => type === 'W')?.[1]
  if (context !== undefined) return !OWN_CONTEXT.test(context)
  const sqlstate = fields.find(([type]) => type === 'C')?.[1]
  return words === 'row' && !SAYS_NO_VALUE.some((start) => sqlstate?.startsWith(start))
}

/**
 * The server's own context is one line, about what the client sent: COPY input and JSON constants.
 * Where code is involved its lines follow.
 */
const OWN_CONTEXT = /^(?:COPY [^\n]+, line \d+[^\n]*|JSON data, line \d+: [^\n]*)$/

/** Integrity, rights, names that are not there, transaction states: texts without values of rows. */
const SAYS_NO_VALUE = ['23', '42', '25', '40', '57', '00']

// Statements that read masked columns

const SEVERITIES: ReadonlySet<string> = new Set([
  'ERROR',
  'FATAL',
  'PANIC',
  'WARNING',
  'NOTICE',
  'DEBUG',
  'INFO',
  'LOG',
])

/** Schema, table, column, data type and constraint. */
const NAMES = 'stcdn'
/** Integrity violations, whose names say what to mend. Elsewhere a function's author names things. */
const NAMING_CLASS = '23'
/** What a code that PostgreSQL does not know becomes: five characters can carry a value out. */
const MADE_UP = 'P0001'

/** Only what the server itself chooses: severity, SQLSTATE, position, names of violated rules. */
function withheld(fields: readonly MessageField[]): readonly MessageField[] {
  const value = (type: string) => fields.find((field) => field[0] === type)?.[1]
  const claimed = value('C') ?? 'XX000'
  const condition = conditionName(claimed)
  const sqlstate = condition === undefined ? MADE_UP : claimed
  const severity = SEVERITIES.has(value('V') ?? '') ? value('V')! : 'ERROR'
  const position = value('P')
  return [
    ['S', severity],
    ['V', severity],
    ['C', sqlstate],
    ['M', `${condition ?? 'raise_exception'} (the target's message is withheld)`],
    ['D', 'The statement reads masked columns, and the message could show their values.'],
    ...(position !== undefined && /^\d{1,10}$/.test(position) ? [['P', position] as const] : []),
    ...(sqlstate.startsWith(NAMING_CLASS)
      ? fields.filter(([type]) => type.length === 1 && NAMES.includes(type))
      : []),
  ]
}

// Other statements

/** Fields whose text the server or a function's author writes freely. */
const TEXTS = 'MDHWqstcdn'

function searched(
  fields: readonly MessageField[],
  masks: readonly DetectMask[],
  keys: MaskKeys,
): readonly MessageField[] {
  const masker = createTextMasker(masks, 'text', keys)
  const result = fields.map(([type, value]): MessageField => {
    return [type, TEXTS.includes(type) ? (masker(value) ?? REDACTED) : value]
  })
  return result.some(([, value], i) => value !== fields[i]![1]) ? result : fields
}
