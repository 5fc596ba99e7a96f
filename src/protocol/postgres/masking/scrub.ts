import type { Code } from '../../../core/codes.ts'
import type { DetectMask } from '../../../core/verdict.ts'
import { createTextMasker } from '../../../mask/mask-text.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import { REDACTED } from '../../../mask/maskers.ts'
import type { MessageField } from '../messages/message.ts'
import { conditionName } from './condition-names.ts'

/**
 * What the target's own texts may hold of masked values:
 * - `free`: nothing, since nothing is masked;
 * - `code`: what code that no statement names says (triggers, domains); it has a context;
 * - `values`: any of them, since something that may be executing reads or writes them, or is code;
 * - `any`: so also where only constants, or the client's own rows, are read: types run code.
 */
export type Words = 'free' | 'code' | 'values' | 'any'

export interface ScrubOptions {
  readonly words: Words
  /** The relation into which rows go that the client sends by COPY; empty where no text is said to be theirs. */
  readonly feeds: string | undefined
  readonly detectMasks: readonly DetectMask[]
  readonly keys: MaskKeys
}

/**
 * The fields of an ErrorResponse or NoticeResponse (PostgreSQL documentation, "Error and Notice
 * Message Fields") as the agent may see them; the same array where nothing had to change.
 */
export function scrubMessage(
  fields: readonly MessageField[],
  { words, feeds, detectMasks, keys }: ScrubOptions,
): readonly MessageField[] {
  const kept = words === 'free' ? fields : withoutValues(fields, words, feeds)
  return detectMasks.length === 0 ? kept : searched(kept, detectMasks, keys)
}

function withoutValues(
  fields: readonly MessageField[],
  words: Exclude<Words, 'free'>,
  feeds: string | undefined,
): readonly MessageField[] {
  const value = (type: string) => fields.find((field) => field[0] === type)?.[1]
  const context = contextOf(value('W'), feeds)
  if (context === 'code') return withheld(value)
  if (words === 'code' || (words === 'values' && isOfText(value))) return fields
  if (context === 'json') return withheld(value)
  const ofInput = words === 'values' && (context === 'input' || isOfFormat(context, value('C')))
  // Of constraints the server names the row in the detail only.
  const named = ofInput || saysNoValue(value('C'))
  return named ? fields.filter(([type]) => type !== 'D') : withheld(value)
}

/**
 * Who speaks. The server's own context is one line: about COPY input (what a foreign table reads from a
 * file looks the same), about JSON, about a row that another transaction holds, by its place. Where
 * code speaks, its lines stand there, or follow. `input`: of a text in COPY input that cannot be read;
 * without a column it is about the row, of which defaults and triggers have made the rest.
 */
function contextOf(
  context: string | undefined,
  feeds: string | undefined,
): 'none' | 'input' | 'row' | 'json' | 'code' {
  if (context === undefined || OF_TUPLE.test(context)) return 'none'
  if (feeds !== undefined && OF_COPY.test(context) && !context.includes('\n')) {
    const prefix = `COPY ${feeds}, line `
    const ofColumn = context.startsWith(prefix) && OF_COLUMN.test(context.slice(prefix.length))
    return ofColumn ? 'input' : 'row'
  }
  return OF_JSON.test(context) ? 'json' : 'code'
}

/** What COPY says of a line that is not in its format. */
function isOfFormat(context: string, sqlstate: string | undefined): boolean {
  return context === 'row' && sqlstate === '22P04'
}

const OF_COPY = /^COPY [^\n]+, line \d/
const OF_COLUMN = /^\d+, column /
const OF_JSON = /^JSON data, line \d+: [^\n]*$/
const OF_TUPLE = /^while [a-z ]+ tuple \(\d+,\d+\) in relation "[^"\n]*"$/

/** A position in the statement has only what was found before anything ran. */
function isOfText(value: (type: string) => string | undefined): boolean {
  return POSITION.test(value('P') ?? '') && conditionName(value('C') ?? '') !== undefined
}

const POSITION = /^\d{1,10}$/

/**
 * Texts that the server makes of names alone: integrity, transaction states and rollbacks,
 * intervention; dependent objects, savepoints, rights, duplicates, definitions, objects in use. Other
 * names that are not there (class 42) may be values: `email::regclass` says which one it looked for.
 */
const SAYS_NO_VALUE = /^(?:23|25|40|57|2BP01|3B001|42501|42P06|42P07|42P16|42701|42710|55006|55P03)/

function saysNoValue(sqlstate: string | undefined): boolean {
  return conditionName(sqlstate ?? '') !== undefined && SAYS_NO_VALUE.test(sqlstate ?? '')
}

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

/** What a code that PostgreSQL does not know becomes: five characters can carry a value out. */
const MADE_UP = 'P0001'

/** Only what the server itself chooses: severity, SQLSTATE, position. */
function withheld(value: (type: string) => string | undefined): readonly MessageField[] {
  const claimed = value('C') ?? 'XX000'
  const condition = conditionName(claimed)
  const severity = SEVERITIES.has(value('V') ?? '') ? value('V')! : 'ERROR'
  const position = value('P')
  return [
    ['S', severity],
    ['V', severity],
    ['C', condition === undefined ? MADE_UP : claimed],
    ['M', `${condition ?? 'raise_exception'} (the target's message is withheld)`],
    ['D', `code=${WITHHELD}\nThe message could show values of masked columns.`],
    [
      'H',
      'Keep what reads masked columns, writes or calls code out of the transaction to see more.',
    ],
    ...(position !== undefined && POSITION.test(position) ? [['P', position] as const] : []),
  ]
}

const WITHHELD: Code = 'MASK_UNPROVABLE'

// Detectors

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
