import { committed } from '../../../approval/committed.ts'
import type { Denial } from '../../../core/denial.ts'
import { ChaperoneError } from '../../../core/errors.ts'
import type { HoldVerdict } from '../../../core/verdict.ts'
import { approvalDenial, asUnavailable, STALE } from '../../../session/approval-words.ts'
import type { GovernedSession, Judgement, SessionHost } from '../../../session/governed.ts'
import type { HoldRefusal, Shown } from '../../../session/hold.ts'
import { approvalDigest, Hold } from '../../../session/hold.ts'
import type { Share } from '../../../session/shares.ts'
import type { Preview } from '../api.ts'
import type { RequestHead } from '../head.ts'
import { createTargetCall } from '../target/call.ts'
import type { HttpEndpoint } from '../target/endpoint.ts'
import type { Running } from './running.ts'

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
  const { session, running, host, verdict } = parts
  const { request } = running
  let tellOutcome: () => void
  const outcome = new Promise<void>((resolve) => (tellOutcome = resolve))
  const hold = new Hold({ session, approvals: host.approvals }, { begun: running, verdict }, () =>
    tellOutcome(),
  )

  async function ask(): Promise<HoldEnd> {
    judge()
    const shown = hold.outcome === undefined ? await preview(parts) : undefined
    if (hold.outcome === undefined) hold.ask(shownOf(parts, shown))
    await outcome
    if (hold.refusal !== undefined) return endOf(hold.refusal)
    const now = await preview(parts)
    if (now?.digest !== shown?.digest) return refused(STALE)
    await committed(host.recorder)
    running.seen = now
    return { type: 'agreed' }
  }

  function judgeNow(): Judgement {
    return session.judge(request.operation, request.text)
  }

  function judge(): void {
    hold.meet(judgeNow().verdict)
  }

  return {
    settled: ask().catch((error: unknown) => {
      const refusal = asUnavailable(error)
      hold.settle(refusal)
      return refused(refusal)
    }),
    withdraw: () => hold.withdraw('withdrawn'),
    judge,
    renew() {
      const judgement = judgeNow()
      hold.meet(judgement.verdict)
      if (!hold.approved) return false
      running.judgement = judgement
      return true
    },
  }
}

function endOf(refusal: HoldRefusal): HoldEnd {
  if (!(refusal instanceof ChaperoneError) && refusal.type === 'superseded') {
    return { type: 'superseded' }
  }
  return refused(refusal instanceof ChaperoneError ? refusal : approvalDenial(refusal))
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

function shownOf({ session, running, head, body }: HoldParts, preview: Preview | undefined): Shown {
  const { operation, shown } = running.request
  const isUnseen = operation.facts.unseen !== undefined
  const unseen = isUnseen ? [`Not shown, but bound: the body of ${body.length} bytes.`] : []
  const changes = preview === undefined ? [] : [`What would change:\n${preview.text}`]
  return {
    operation,
    text: [shown, ...unseen, ...changes].join('\n\n'),
    digest: approvalDigest(session, [
      Buffer.from(JSON.stringify([head.method, head.path, head.query, head.headers])),
      body,
      Buffer.from(preview?.digest ?? ''),
    ]),
  }
}
