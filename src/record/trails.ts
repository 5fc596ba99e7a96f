import type { Clock } from '../core/clock.ts'
import { closedLine, intentLine, openedLine, outcomeLine } from './event.ts'
import { operationFragments, verdictFragments } from './fragments.ts'
import { DATASTORE_ACTIVITY, API_ACTIVITY } from './ocsf.ts'
import { lineShape } from './line.ts'
import type { LiveOperation } from './batch.ts'
import type { SessionFacts, Trail } from './trail.ts'

type Push = (line: string, intent: LiveOperation | undefined) => void

/** Makes the trails of sessions; what lines have in common is built once for all of them. */
export function trailsOf(
  clock: Clock,
  gatewayVersion: string,
  push: Push,
): (facts: SessionFacts) => Trail {
  const describeVerdict = verdictFragments()
  const describeOperation = new Map(
    [DATASTORE_ACTIVITY, API_ACTIVITY].map((each) => [each, operationFragments(each)]),
  )
  return (facts) => {
    const shape = lineShape(facts, gatewayVersion)
    const describe = describeOperation.get(shape.class_uid)!
    const live = new Map<string, LiveOperation>()
    const idStart = `${facts.id}.`
    let count = 0
    return {
      opened: (facts) => push(openedLine(shape, clock.now_ms(), facts), undefined),

      intent(intent) {
        count += 1
        const id = idStart + count
        const fragment = describe(intent.operation)
        const verdict = describeVerdict(intent.verdict)
        const { effect } = intent.verdict
        const operation: LiveOperation = { fragment, effect, dropped: false }
        if (intent.phase === 'run') live.set(id, operation)
        push(intentLine(shape, id, intent, fragment, verdict), operation)
        return id
      },

      outcome(operationId, outcome) {
        const operation = live.get(operationId)
        live.delete(operationId)
        if (operation?.dropped === true) return
        push(outcomeLine(shape, operationId, outcome, operation?.fragment), undefined)
      },

      closed: (why) => push(closedLine(shape, clock.now_ms(), why), undefined),
    }
  }
}
