import type { Lookup } from '../../../sql/lookup.ts'
import { lookupQuery } from '../../../sql/postgres/catalog/catalog.ts'
import { bind, close, execute, FLUSH, parse, SYNC } from '../messages/message.ts'
import { Reader } from '../messages/reader.ts'
import type { Conversation } from './conversation.ts'
import type { MadeBy, Question } from './expectation.ts'

/**
 * Asks the target's catalog on the agent's own connection, which alone sees its temporary tables,
 * its search_path and what its open transaction created.
 */
export function askCatalog(c: Conversation, lookup: Lookup): Question {
  const { text, parameters } = lookupQuery(lookup)
  const question: Question = { lookup, rows: [], state: 'asked' }
  send(c, question, messagesOf({ name: 'chaperone catalog', text, parameters }))
  return question
}

/** Asks the target's planner about a statement of the agent's. */
export function askPlanner(
  c: Conversation,
  text: string,
  parameters: readonly (string | null)[],
): Question {
  const question: Question = { lookup: undefined, rows: [], state: 'asked' }
  send(c, question, messagesOf({ name: 'chaperone plan', text, parameters }))
  return question
}

/** Asks what is open under which name, since when. */
export function askOpenings(c: Conversation): Question {
  const question: Question = { lookup: undefined, ofClient: true, rows: [], state: 'asked' }
  const text = 'SELECT name, creation_time::pg_catalog.text FROM pg_catalog.pg_cursors'
  send(c, question, messagesOf({ name: 'chaperone openings', text, parameters: [] }))
  return question
}

/** Has a statement of the client's prepared again under its name, whatever has that name by now. */
export function askRestore(c: Conversation, name: string, madeBy: MadeBy): Question {
  const question: Question = { lookup: undefined, ofClient: true, rows: [], state: 'asked' }
  const freed = close('statement', name)
  if (madeBy.type === 'parse') {
    send(c, question, [freed, parse(name, madeBy.text, madeBy.parameterTypes)])
  } else {
    const asked = { name: 'chaperone restore', text: madeBy.text, parameters: [] }
    send(c, question, [freed, ...messagesOf(asked)])
  }
  return question
}

interface Asked {
  /** Of the gateway's own statement and portal on the agent's connection; gone after the answer. */
  readonly name: string
  readonly text: string
  readonly parameters: readonly (string | null)[]
}

function messagesOf({ name, text, parameters }: Asked): readonly Buffer[] {
  return [
    parse(name, text),
    bind(name, name, parameters),
    execute(name),
    close('portal', name),
    close('statement', name),
  ]
}

/** In the middle of a batch the answer is flushed out; otherwise the question is its own batch. */
function send(c: Conversation, question: Question, messages: readonly Buffer[]): void {
  for (const [index, bytes] of messages.entries()) {
    c.forward(bytes, { type: 'question', question, last: index === messages.length - 1 })
  }
  if (c.batchOpen) c.forward(FLUSH, undefined)
  else c.forward(SYNC, { type: 'sync', hidden: true })
  c.outbox.flush()
}

/** A DataRow of text columns. */
export function readTextRow(buffer: Buffer, start: number, end: number): (string | null)[] {
  const reader = new Reader(buffer, start, end, 'TARGET_PROTOCOL')
  const row = Array.from({ length: reader.uint16() }, () => {
    const length = reader.int32()
    return length === -1 ? null : reader.bytes(length).toString('utf8')
  })
  reader.finish()
  return row
}
