import type { Denial } from '../../../core/denial.ts'
import type { Run } from '../judging/run.ts'
import { copyOf } from '../judging/run.ts'
import { scrubMessage } from '../masking/scrub.ts'
import { HEADER_BYTES } from '../messages/frame.ts'
import type { MessageField } from '../messages/message.ts'
import {
  errorResponse,
  messageField,
  noticeResponse,
  readMessageFields,
} from '../messages/message.ts'
import { denialResponse } from '../messages/refusal.ts'
import type { Conversation } from './conversation.ts'
import { unplannable } from './estimate.ts'
import type { Expectation, Question } from './expectation.ts'
import type { Passage } from './passage.ts'
import { cutResponse, cutsWithError } from './results.ts'

/** An ErrorResponse: whose it is, what it undoes, and what the client sees of it. */
export function errorPassage(c: Conversation, buffer: Buffer, start: number, end: number): Passage {
  const fields = readMessageFields(buffer, start + HEADER_BYTES, end)
  const sqlstate = messageField(fields, 'C') ?? 'XX000'
  const head = c.expects.head
  const genuine = () => withoutValues(c, fields, errorResponse)
  const severity = messageField(fields, 'V')
  c.fatal ||= severity === 'FATAL' || severity === 'PANIC'
  // The target's last words are for the client, whatever was asked last.
  if (head?.type === 'question') head.question.sqlstate = sqlstate
  const passage = c.fatal ? genuine() : passageOf(c, head, genuine)
  if (head === undefined || head.type === 'sync') return passage
  // An error ends COPY mode at once; what the client still sends of it is thrown away.
  c.copyIn = false
  if ('run' in head) {
    c.finish(head.run, 'error', sqlstate)
    applyCode(c, head.run)
  }
  if (head.type !== 'query' && head.type !== 'call') skipBatch(c)
  return passage
}

function passageOf(
  c: Conversation,
  head: Expectation | undefined,
  genuine: () => Passage,
): Passage {
  switch (head?.type) {
    case 'poison':
      return head.refusal.length === 0 ? 'drop' : head.refusal
    case 'question':
      if (!c.batchOpen) return 'drop'
      return head.question.ofClient ? genuine() : denialResponse(failedQuestion(head.question))
    case 'query':
    case 'execute':
      return cutPassage(head) ?? genuine()
    default:
      return genuine()
  }
}

/** The error of a run that was cancelled at its row limit; a Query's client hears of it once. */
function cutPassage({ type, run }: Extract<Expectation, { run: Run }>): Passage | undefined {
  if (run.cut) return type === 'query' ? 'drop' : undefined
  if (!run.limitReached || !cutsWithError(run)) return undefined
  run.cut = true
  return cutResponse(run)
}

/**
 * Code that failed may have made and dropped prepared statements all the same: they know no
 * transactions.
 */
function applyCode(c: Conversation, run: Run): void {
  const effects = run.statements[run.index]?.effects ?? []
  for (const effect of effects) if (effect.type === 'code') c.names.apply(effect)
}

function failedQuestion({ lookup, sqlstate }: Question): Denial {
  return lookup === undefined ? unplannable(sqlstate) : LOOKUP_FAILED
}

const LOOKUP_FAILED = {
  code: 'SQL_UNRESOLVED',
  message: 'The target did not tell what the names in the statement stand for.',
  hint: 'Try again in a new transaction.',
} as const

/** After an error in an extended batch the target ignores everything up to the next Sync. */
function skipBatch(c: Conversation): void {
  for (;;) {
    const head = c.expects.head
    if (head === undefined) {
      c.targetSkips = true
      return
    }
    if (head.type === 'sync') return
    c.drop(head)
    c.answered()
  }
}

export function noticePassage(
  c: Conversation,
  buffer: Buffer,
  start: number,
  end: number,
): Passage {
  const head = c.expects.head
  if (head?.type === 'question' || head?.type === 'poison') return 'drop'
  const fields = readMessageFields(buffer, start + HEADER_BYTES, end)
  return withoutValues(c, fields, noticeResponse)
}

/** What the target says, without values that a rule masks. */
function withoutValues(
  c: Conversation,
  fields: readonly MessageField[],
  response: (fields: readonly MessageField[]) => Buffer,
): Passage {
  const { head } = c.expects
  const clean = scrubMessage(fields, {
    words: c.executing.words(head),
    feeds: head !== undefined && 'run' in head ? feedsOf(head.run) : undefined,
    detectMasks: c.executing.detectMasks(),
    keys: c.parts.keys,
  })
  return clean === fields ? 'pass' : response(clean)
}

function feedsOf(run: Run): string | undefined {
  const copy = copyOf(run)
  return copy?.direction === 'in' ? (copy.readsInto ?? '') : undefined
}
