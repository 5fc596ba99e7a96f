import type { Held } from '../approval/approvals.ts'
import type { Denial } from '../core/denial.ts'
import type { ChaperoneError } from '../core/errors.ts'
import type { HoldVerdict } from '../core/verdict.ts'
import type { GovernedSession, SessionHost } from '../session/governed.ts'
import { approvalDenial, approvalDigest, asUnavailable, STALE } from '../session/hold.ts'
import type { Preview } from './api.ts'
import type { HttpEndpoint } from './endpoint.ts'
import type { RequestHead } from './head.ts'
import type { Running } from './running.ts'
import { createTargetCall } from './target-call.ts'

export interface HoldParts {
  readonly host: SessionHost
  readonly session: GovernedSession
  readonly endpoint: HttpEndpoint
  readonly head: RequestHead
  readonly running: Running
  readonly verdict: HoldVerdict
  /** Whole: an approval is good for these bytes, once. */
  readonly body: Buffer
}

/** `agreed`: people did, and `seen` is still what they agreed to. */
export type HoldEnd =
  | { readonly type: 'agreed'; readonly seen: Preview | undefined }
  | { readonly type: 'refused'; readonly refusal: Denial | ChaperoneError }

export interface Holding {
  /** Never rejects. */
  readonly settled: Promise<HoldEnd>
  /** The agent went away. */
  withdraw(): void
}

/** Shows people what would happen, asks them, and waits. */
export function holdForPeople(parts: HoldParts): Holding {
  const { session } = parts
  let held: Held | undefined
  let withdrawn = false
  session.meter.holds(1)

  async function ask(): Promise<HoldEnd> {
    const shown = await preview(parts)
    if (withdrawn) return refused(approvalDenial({ type: 'withdrawn' }))
    held = parts.host.approvals.ask(requestOf(parts, shown))
    const outcome = await held.settled
    if (outcome.type !== 'approved') return refused(approvalDenial(outcome))
    const now = await preview(parts)
    return now?.digest === shown?.digest ? { type: 'agreed', seen: now } : refused(STALE)
  }

  return {
    settled: ask()
      .catch((error: unknown) => refused(asUnavailable(error)))
      .finally(() => session.meter.holds(-1)),
    withdraw() {
      withdrawn = true
      held?.withdraw()
    },
  }
}

function refused(refusal: Denial | ChaperoneError): HoldEnd {
  return { type: 'refused', refusal }
}

function preview({
  endpoint,
  host,
  session,
  running,
  body,
}: HoldParts): Promise<Preview | undefined> {
  const { clock, recorder } = host
  const call = createTargetCall({ endpoint, session, recorder, now_ms: () => clock.now_ms() })
  const { request, judgement } = running
  return endpoint.api.preview?.(request, body, call, judgement) ?? Promise.resolve(undefined)
}

function requestOf(
  { session, running, verdict, head, body }: HoldParts,
  shown: Preview | undefined,
): Parameters<SessionHost['approvals']['ask']>[0] {
  const { operation, shown: written } = running.request
  return {
    operationId: running.operationId,
    sessionId: session.id,
    principal: session.principal,
    resource: session.resource,
    operation,
    text: shown === undefined ? written : `${written}\n\nWhat would change:\n${shown.text}`,
    digest: approvalDigest(session, [
      Buffer.from(JSON.stringify([head.method, head.path, head.query, head.headers])),
      body,
      Buffer.from(shown?.digest ?? ''),
    ]),
    verdict,
  }
}
