import type { Clock } from '../core/clock.ts'
import type { Entry } from './backlog.ts'
import type { RecordBudget } from './budget.ts'
import { closedLine, intentLine, openedLine, outcomeLine } from './lines/event.ts'
import type { OperationFragment } from './lines/fragments.ts'
import { operationFragments, verdictFragments } from './lines/fragments.ts'
import { lineShape } from './lines/line.ts'
import { API_ACTIVITY, DATASTORE_ACTIVITY } from './lines/ocsf.ts'
import { terminalLine } from './lines/terminal-line.ts'
import type { SessionFacts, Trail } from './lines/trail.ts'

/** Makes the trails of sessions; what lines have in common is built once for all of them. */
export function trailsOf(
  clock: Clock,
  gatewayVersion: string,
  push: (entry: Entry) => void,
  budgetOf: (agent: string) => RecordBudget,
): (facts: SessionFacts) => Trail {
  const describeVerdict = verdictFragments()
  const describeOperation = new Map(
    [DATASTORE_ACTIVITY, API_ACTIVITY].map((each) => [each, operationFragments(each)]),
  )

  function openTrail(facts: SessionFacts): Trail {
    const shape = lineShape(facts, gatewayVersion)
    const describe = describeOperation.get(shape.class_uid)!
    const underWay = new Map<string, OperationFragment>()
    const idStart = `${facts.id}.`
    const budget = budgetOf(facts.principal.agent.name)
    let count = 0

    function write(line: string): void {
      budget.spend(line.length)
      push({ line, effect: undefined, leftOut: undefined })
    }

    return {
      opened: (facts) => write(openedLine(shape, clock.now_ms(), facts)),

      intent(intent) {
        count += 1
        const id = idStart + count
        const fragment = describe(intent.operation)
        const line = intentLine(shape, id, intent, fragment, describeVerdict(intent.verdict))
        if (intent.phase === 'run') underWay.set(id, fragment)
        budget.spend(line.length)
        push({ line, effect: intent.verdict.effect, leftOut: () => void underWay.delete(id) })
        return id
      },

      outcome(operationId, outcome) {
        const fragment = underWay.get(operationId)
        underWay.delete(operationId)
        // Its intent was left out: the operation never was.
        if (fragment === undefined && outcome.error === 'RECORD_UNAVAILABLE') return
        write(outcomeLine(shape, operationId, outcome, fragment))
      },

      terminal: (operationId, piece) => write(terminalLine(shape, operationId, piece)),

      closed: (why) => write(closedLine(shape, clock.now_ms(), why)),

      refuses: (chars) => budget.refuses(chars),
    }
  }

  return openTrail
}
