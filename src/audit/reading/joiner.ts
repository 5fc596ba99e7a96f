import { JOIN_PENDING_MAX } from './limits.ts'
import type { LineKind } from './raw-line.ts'
import { lineKind, operationIn } from './raw-line.ts'
import type { RecordLine } from './reader.ts'

/**
 * Keeps the outcomes and notes of operations until their intents are met. Records are read newest
 * first, so all of an operation has come by when its intent comes.
 */
export interface Joiner {
  /** True if the line is kept for its operation; false if it stands alone or is an intent. */
  keep(line: RecordLine, kind: LineKind | undefined): boolean
  /** All that was kept for the operation, oldest first. */
  take(operation: string | undefined): readonly RecordLine[]
  /** Before another segment is read: lines in memory must not keep the whole old one there. */
  detach(): void
}

export function createJoiner(): Joiner {
  const pending = new Map<string, RecordLine[]>()
  let attached: string[] = []
  return {
    keep(line, kind) {
      if (kind !== 'operation.outcome' && kind !== 'note') return false
      const operation = operationIn(line.bytes)
      if (operation === undefined) return false
      const kept = pending.get(operation)
      if (kept === undefined) pending.set(operation, [line])
      else kept.unshift(line)
      attached.push(operation)
      if (pending.size > JOIN_PENDING_MAX) pending.delete(pending.keys().next().value!)
      return true
    },
    take(operation) {
      if (operation === undefined) return []
      const kept = pending.get(operation)
      if (kept === undefined) return []
      pending.delete(operation)
      return kept
    },
    detach() {
      for (const operation of attached) {
        const kept = pending.get(operation)
        if (kept !== undefined) pending.set(operation, kept.map(copied))
      }
      attached = []
    },
  }
}

export function copied(line: RecordLine): RecordLine {
  return { ...line, bytes: Buffer.from(line.bytes) }
}

const PREPARE = Buffer.from('"phase":"prepare"')

/** True if an outcome should be there: the operation was to run. */
export function awaitsOutcome(intent: RecordLine, related: readonly RecordLine[]): boolean {
  if (intent.bytes.includes(PREPARE)) return false
  return !related.some(({ bytes }) => lineKind(bytes) === 'operation.outcome')
}
