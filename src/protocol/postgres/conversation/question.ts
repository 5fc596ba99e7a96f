import { lookupQuery } from '../../../sql/catalog.ts'
import type { Lookup } from '../../../sql/lookup.ts'
import type { Conversation } from './conversation.ts'
import type { Question } from './expectation.ts'
import { bind, close, execute, FLUSH, parse, SYNC } from '../messages/message.ts'
import { Reader } from '../messages/reader.ts'

/**
 * Asks the target's catalog on the agent's own connection, which alone sees its temporary tables,
 * its search_path and what its open transaction created.
 */
export function askCatalog(c: Conversation, lookup: Lookup): Question {
  const { text, parameters } = lookupQuery(lookup)
  const question: Question = { lookup, rows: [], state: 'asked' }
  ask(c, question, { name: 'chaperone catalog', text, parameters })
  return question
}

/** Asks the target's planner about a statement of the agent's. */
export function askPlanner(
  c: Conversation,
  text: string,
  parameters: readonly (string | null)[],
): Question {
  const question: Question = { lookup: undefined, rows: [], state: 'asked' }
  ask(c, question, { name: 'chaperone plan', text, parameters })
  return question
}

interface Asked {
  /** Of the gateway's own statement and portal on the agent's connection; gone after the answer. */
  readonly name: string
  readonly text: string
  readonly parameters: readonly (string | null)[]
}

/** In the middle of a batch the answer is flushed out; otherwise the question is its own batch. */
function ask(c: Conversation, question: Question, { name, text, parameters }: Asked): void {
  const expects = { type: 'question', question } as const
  c.forward(parse(name, text), { ...expects, last: false })
  c.forward(bind(name, name, parameters), { ...expects, last: false })
  c.forward(execute(name), { ...expects, last: false })
  c.forward(close('portal', name), { ...expects, last: false })
  c.forward(close('statement', name), { ...expects, last: true })
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
