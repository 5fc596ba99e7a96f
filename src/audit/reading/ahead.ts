import { awaitsOutcome, copied } from './joiner.ts'
import type { Position } from './position.ts'
import { lineKind, member, operationIn, sessionIn } from './raw-line.ts'
import type { RecordLine } from './reader.ts'
import { readRecords } from './reader.ts'

/**
 * A reading that starts in the middle meets intents whose outcomes lie behind its start. This looks
 * there, forward, only as far as it must, and reads nothing twice.
 */
export interface Ahead {
  /** What belongs to the operation of this intent from the start on, oldest first. */
  of(intent: RecordLine): Promise<readonly RecordLine[]>
}

const GATEWAY_STARTED = member('type', 'gateway-started')

export function createAhead(folder: string, segments: readonly string[], from: Position): Ahead {
  const found = new Map<string, RecordLine[]>()
  /** Operations that began behind the start: nobody asks for theirs. */
  const begun = new Set<string>()
  const ended = new Set<string>()
  const batches = readRecords({ folder, segments, from })
  let done = false

  function take(line: RecordLine): void {
    const kind = lineKind(line.bytes)
    if (kind === 'session.closed') {
      const session = sessionIn(line.bytes)
      if (session !== undefined) ended.add(session)
      return
    }
    const operation = operationIn(line.bytes)
    if (operation === undefined) {
      // One gateway writes here: what ran before it started runs no more.
      if (kind === 'note' && line.bytes.includes(GATEWAY_STARTED)) done = true
      return
    }
    if (kind === 'operation.intent') begun.add(operation)
    else if (begun.has(operation)) {
      if (kind === 'operation.outcome') begun.delete(operation)
    } else keep(operation, line)
  }

  function keep(operation: string, line: RecordLine): void {
    const kept = found.get(operation)
    if (kept === undefined) found.set(operation, [copied(line)])
    else kept.push(copied(line))
  }

  return {
    async of(intent) {
      const operation = operationIn(intent.bytes)
      const session = sessionIn(intent.bytes)
      if (operation === undefined || session === undefined) return []
      while (!done && !ended.has(session) && awaitsOutcome(intent, found.get(operation) ?? [])) {
        const batch = await batches.next()
        if (batch.done === true) done = true
        else batch.value.lines.forEach(take)
      }
      return found.get(operation) ?? []
    },
  }
}
