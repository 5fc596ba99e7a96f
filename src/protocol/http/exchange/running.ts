import type { Clock } from '../../../core/clock.ts'
import type { Operation, OperationFacts } from '../../../core/operation.ts'
import { endOfChange } from '../../../session/change.ts'
import type { GovernedSession, Judgement } from '../../../session/governed.ts'
import type { Begun, Ending } from '../../../session/operations.ts'
import { writeIntent, writeOutcome } from '../../../session/operations.ts'
import type { ApiRequest, JudgedRequest, Preview } from '../api.ts'
import type { RequestHead } from '../head.ts'
import type { HttpSession } from './http-session.ts'

/** A request whose intent is written and whose outcome is not. */
export interface Running extends Begun {
  readonly request: JudgedRequest
  /** Changes where people took so long that the policies did too. */
  judgement: Judgement
  /** What people agreed to, where they were asked and shown it. */
  seen?: Preview | undefined
}

/**
 * A request as it is judged: with what of it may be written down, how many of its values are not, for rules,
 * and the one object for all operations that are equal to its own.
 */
export function withShown(
  { operation, text, show, note }: ApiRequest<unknown>,
  { operations, governed }: HttpSession,
  { bodyLength }: Pick<RequestHead, 'bodyLength'>,
  body: Buffer | undefined,
): JudgedRequest {
  const told = show?.(governed.masksOn(operation.accesses)) ?? { text, hidden: 0 }
  const { hidden } = told
  const counted = withFacts(operation, {
    ...(hidden === 0 ? {} : { hidden }),
    // What is held is read, and judged again, and still nobody sees what is in it.
    ...(body === undefined && bodyLength !== 0 ? { unseen: ['data'] } : {}),
  })
  const judged = { operation: operations.find(counted, text), text, shown: told.text, note }
  return show === undefined ? judged : { ...judged, show }
}

function withFacts(operation: Operation, facts: Partial<OperationFacts>): Operation {
  if (Object.keys(facts).length === 0) return operation
  return { ...operation, facts: { ...operation.facts, ...facts } }
}

/** What is held may be judged again, under other masks; else the body that was read may go. */
function toKeep(request: JudgedRequest, { verdict }: Judgement): JudgedRequest {
  if (verdict.effect === 'hold') return request
  const { operation, text, shown, note } = request
  return { operation, text, shown, note }
}

/** Why it ends under the policies as they are now, if it does. */
export function endOfNow(
  { request, judgement }: Running,
  session: Pick<GovernedSession, 'judge'>,
): ReturnType<typeof endOfChange> {
  const { operation, text } = request
  return endOfChange(operation, judgement.verdict, session.judge(operation, text).verdict)
}

/** What an access takes in memory, with its object's path. */
const ACCESS_BYTES = 256

/** About the memory that stays with a request whose body was read, beside the body. */
export function heldFor({ operation, text, shown }: JudgedRequest): number {
  const chars = text.length + (shown === text ? 0 : shown.length)
  return 2 * chars + ACCESS_BYTES * operation.accesses.length
}

export function beginRequest(
  session: GovernedSession,
  request: JudgedRequest,
  judgement: Judgement,
  clock: Clock,
): Running {
  const { operation, shown: text } = request
  const begun = writeIntent(
    session,
    { operation, text, verdict: judgement.verdict },
    clock.now_ms(),
  )
  return { ...begun, request: toKeep(request, judgement), judgement }
}

export function endRequest(
  session: GovernedSession,
  running: Running,
  ending: Ending,
  clock: Clock,
): void {
  const at_ms = clock.now_ms()
  writeOutcome(session, running, ending, at_ms)
  session.meter.operationDone(Math.max(0, at_ms - running.began_ms) / 1000)
}
