import type { Lookup } from '../../sql/lookup.ts'
import { lookupQuery } from '../../sql/catalog.ts'
import type { Conversation } from './conversation.ts'
import type { CatalogQuery } from './expectation.ts'
import { bind, close, execute, FLUSH, parse, SYNC } from './message.ts'
import { Reader } from './reader.ts'

/** Of the gateway's own statement and portal on the agent's connection; gone after each look-up. */
const NAME = 'chaperone catalog'

/**
 * Asks the target's catalog on the agent's own connection, which alone sees its temporary tables,
 * its search_path and what its open transaction created. In the middle of a batch the answer is
 * flushed out; otherwise the question is a batch of its own.
 */
export function askCatalog(c: Conversation, lookup: Lookup): CatalogQuery {
  const query: CatalogQuery = { lookup, rows: [], state: 'asked' }
  const { text, parameters } = lookupQuery(lookup)
  const expects = { type: 'lookup', query } as const
  c.forward(parse(NAME, text), { ...expects, last: false })
  c.forward(bind(NAME, NAME, parameters), { ...expects, last: false })
  c.forward(execute(NAME), { ...expects, last: false })
  c.forward(close('portal', NAME), { ...expects, last: false })
  c.forward(close('statement', NAME), { ...expects, last: true })
  if (c.batchOpen) c.forward(FLUSH, undefined)
  else c.forward(SYNC, { type: 'sync', hidden: true })
  c.outbox.flush()
  return query
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
