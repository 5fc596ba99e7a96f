import type { ApprovalOutcome, Held } from '../../../approval/approvals.ts'
import { committed } from '../../../approval/committed.ts'
import type { Denial } from '../../../core/denial.ts'
import type { ChaperoneError } from '../../../core/errors.ts'
import type { HoldVerdict } from '../../../core/verdict.ts'
import type { GovernedSession, Judgement, SessionHost } from '../../../session/governed.ts'
import type { Share } from '../../../session/shares.ts'
import {
  approvalDenial,
  approvalDigest,
  asUnavailable,
  STALE,
  stands,
} from '../../../session/hold.ts'
import type { Preview } from '../api.ts'
import type { HttpEndpoint } from '../target/endpoint.ts'
import type { RequestHead } from '../head.ts'
import type { Running } from './running.ts'
import { createTargetCall } from '../target/call.ts'

export interface HoldParts {
  readonly host: SessionHost
  readonly session: GovernedSession
  readonly endpoint: HttpEndpoint
  readonly head: RequestHead
  readonly running: Running
  readonly verdict: HoldVerdict
  /** What the request holds of its agent's memory. */
  readonly memory: Share
  /** Whole: an approval is good for these bytes, once. */
  readonly body: Buffer
}

/** `superseded`: the policies decide otherwise by now, and the request is to be judged anew. */
export type HoldEnd =
  | { readonly type: 'agreed' | 'superseded' }
  | { readonly type: 'refused'; readonly refusal: Denial | ChaperoneError }

export interface Holding {
  /** Never rejects. */
  readonly settled: Promise<HoldEnd>
  /** The agent went away. */
  withdraw(): void
  /** After a policy change: the hold ends with the decision that it stands on. */
  judge(): void
  /** Before what was agreed to goes: gives `running` its judgement of now. False: superseded. */
  renew(): boolean
}

/**
 * Shows people what would happen, asks them, and waits. What they agree to is good once, and while
 * the policies ask the same people.
 */
export function holdForPeople(parts: HoldParts): Holding {
  const { session, running, host } = parts
  const { request } = running
  let held: Held | undefined
  let ended: 'withdrawn' | 'superseded' | undefined
  session.meter.holds(1)

  async function ask(): Promise<HoldEnd> {
    judge()
    const shown = ended === undefined ? await preview(parts) : undefined
    if (ended !== undefined) return endOf({ type: ended })
    held = host.approvals.ask(requestOf(parts, shown))
    const outcome = await held.settled
    if (outcome.type !== 'approved') return endOf(outcome)
    const now = await preview(parts)
    if (now?.digest !== shown?.digest) return refused(STALE)
    await committed(host.recorder)
    running.seen = now
    return { type: 'agreed' }
  }

  function end(why: 'withdrawn' | 'superseded'): void {
    ended = why
    held?.withdraw(why)
  }

  function judgeNow(): Judgement {
    return session.judge(request.operation, request.text)
  }

  function judge(): void {
    if (!stands(parts.verdict, judgeNow().verdict)) end('superseded')
  }

  return {
    settled: ask()
      .catch((error: unknown) => refused(asUnavailable(error)))
      .finally(() => session.meter.holds(-1)),
    withdraw: () => end('withdrawn'),
    judge,
    renew() {
      const judgement = judgeNow()
      if (ended !== undefined || !stands(parts.verdict, judgement.verdict)) return false
      running.judgement = judgement
      return true
    },
  }
}

function endOf(outcome: ApprovalOutcome): HoldEnd {
  if (outcome.type === 'superseded') return { type: 'superseded' }
  return refused(approvalDenial(outcome))
}

function refused(refusal: Denial | ChaperoneError): HoldEnd {
  return { type: 'refused', refusal }
}

function preview({
  endpoint,
  host,
  session,
  running,
  memory,
  body,
}: HoldParts): Promise<Preview | undefined> {
  const { clock, recorder } = host
  const call = createTargetCall({
    endpoint,
    session,
    recorder,
    memory,
    now_ms: () => clock.now_ms(),
  })
  const { request, judgement } = running
  return endpoint.api.preview?.(request, body, call, judgement) ?? Promise.resolve(undefined)
}

function requestOf(
  { session, running, verdict, head, body }: HoldParts,
  shown: Preview | undefined,
): Parameters<SessionHost['approvals']['ask']>[0] {
  const { operation, shown: written } = running.request
  const isUnseen = operation.facts.unseen !== undefined
  const unseen = isUnseen ? [`Not shown, but bound: the body of ${body.length} bytes.`] : []
  const changes = shown === undefined ? [] : [`What would change:\n${shown.text}`]
  return {
    operationId: running.operationId,
    sessionId: session.id,
    principal: session.principal,
    resource: session.resource,
    operation,
    text: [written, ...unseen, ...changes].join('\n\n'),
    digest: approvalDigest(session, [
      Buffer.from(JSON.stringify([head.method, head.path, head.query, head.headers])),
      body,
      Buffer.from(shown?.digest ?? ''),
    ]),
    verdict,
  }
}
