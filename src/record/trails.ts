import type { Clock } from '../core/clock.ts'
import { closedLine, intentLine, openedLine, outcomeLine } from './event.ts'
import type { OperationFragment } from './fragments.ts'
import { operationFragments, verdictFragments } from './fragments.ts'
import { lineShape } from './line.ts'
import { API_ACTIVITY, DATASTORE_ACTIVITY } from './ocsf.ts'
import type { SessionFacts, Trail } from './trail.ts'

export interface TrailParts {
  readonly clock: Clock
  readonly gatewayVersion: string
  append(line: string, intent?: string): void
}

/** Makes the trails of sessions; what lines have in common is built once for all of them. */
export function trailsOf(parts: TrailParts): (facts: SessionFacts) => Trail {
  const { clock, gatewayVersion, append } = parts
  const verdicts = verdictFragments()
  const operations = new Map(
    [DATASTORE_ACTIVITY, API_ACTIVITY].map((uid) => [uid, operationFragments(uid)]),
  )
  return (facts) => {
    const shape = lineShape(facts, gatewayVersion)
    const fragments = operations.get(shape.class_uid)!
    const underWay = new Map<string, OperationFragment>()
    let count = 0
    return {
      opened: (opened) => append(openedLine(shape, clock.now_ms(), opened)),
      intent(intent) {
        const id = `${facts.id}.${++count}`
        const operation = fragments(intent.operation)
        append(intentLine(shape, id, intent, operation, verdicts(intent.verdict)), id)
        if (intent.phase === 'run') underWay.set(id, operation)
        return id
      },
      outcome(id, outcome) {
        append(outcomeLine(shape, id, outcome, underWay.get(id)))
        underWay.delete(id)
      },
      closed: (why) => append(closedLine(shape, clock.now_ms(), why)),
    }
  }
}
