import { createHmac, randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { ApprovalOutcome, ApprovalRequest, Approvals, Held } from '../approval/approvals.ts'
import { ChaperoneError } from '../core/errors.ts'
import type { HoldVerdict, Verdict } from '../core/verdict.ts'
import { asUnavailable } from './approval-words.ts'
import type { GovernedSession } from './governed.ts'
import type { Begun } from './operations.ts'

/** What a hold came to. */
export type HoldOutcome = ApprovalOutcome | ChaperoneError

/** What it came to, other than approval. */
export type HoldRefusal = Exclude<ApprovalOutcome, { readonly type: 'approved' }> | ChaperoneError

/** What people are told of an operation; the rest the hold knows. */
export type Shown = Omit<
  ApprovalRequest,
  'operationId' | 'sessionId' | 'principal' | 'resource' | 'verdict'
>

/**
 * One operation that waits for people. Its intent is written; people are asked at most once, and it comes
 * to one outcome. It stands on the decision under which it began: where policies decide otherwise, it is
 * void, even when people have agreed by then.
 */
export class Hold {
  readonly begun: Begun
  readonly verdict: HoldVerdict
  readonly #session: GovernedSession
  readonly #approvals: Approvals
  readonly #over: () => void
  #asked: Held | undefined
  #outcome: HoldOutcome | undefined

  /** `over` is called once, when it has come to an outcome. */
  constructor(
    { session, approvals }: { readonly session: GovernedSession; readonly approvals: Approvals },
    { begun, verdict }: { readonly begun: Begun; readonly verdict: HoldVerdict },
    over: () => void,
  ) {
    this.#session = session
    this.#approvals = approvals
    this.begun = begun
    this.verdict = verdict
    this.#over = over
    session.meter.holds(1)
  }

  get outcome(): HoldOutcome | undefined {
    return this.#outcome
  }

  /** People have agreed, and it is not void. */
  get approved(): boolean {
    return cameTo(this.#outcome, 'approved')
  }

  /** Policies decide otherwise by now: the operation is to be judged as if it had come now. */
  get superseded(): boolean {
    return cameTo(this.#outcome, 'superseded')
  }

  /** Why it may not run; undefined while it waits, and once it may. */
  get refusal(): HoldRefusal | undefined {
    if (this.#outcome === undefined || this.#outcome instanceof ChaperoneError) return this.#outcome
    return this.#outcome.type === 'approved' ? undefined : this.#outcome
  }

  /** People have been asked. */
  get isAsked(): boolean {
    return this.#asked !== undefined
  }

  /** Asks people; undefined where nobody could be asked, which is its outcome then. */
  ask(shown: Shown): Held | undefined {
    const { id, principal, resource } = this.#session
    const { operationId } = this.begun
    const of = { operationId, sessionId: id, principal, resource, verdict: this.verdict }
    try {
      this.#asked = this.#approvals.ask({ ...shown, ...of })
    } catch (error) {
      this.settle(asUnavailable(error))
      return undefined
    }
    void this.#asked.settled.then((outcome) => this.settle(outcome))
    return this.#asked
  }

  /** The agent went away or cancelled, or policies decide otherwise. */
  withdraw(why: 'withdrawn' | 'superseded'): void {
    if (this.#asked === undefined) this.settle({ type: why })
    else if (this.#outcome === undefined) this.#asked.withdraw(why)
  }

  /** After a policy change, with what is decided now. What people refused before stays refused. */
  meet(now: Verdict): void {
    if (stands(this.verdict, now)) return
    if (this.approved) this.#outcome = { type: 'superseded' }
    else this.withdraw('superseded')
  }

  settle(outcome: HoldOutcome): void {
    if (this.#outcome !== undefined) return
    this.#outcome = outcome
    this.#session.meter.holds(-1)
    this.#over()
  }
}

function cameTo(outcome: HoldOutcome | undefined, type: ApprovalOutcome['type']): boolean {
  return outcome !== undefined && !(outcome instanceof ChaperoneError) && outcome.type === type
}

/**
 * A hold stands on the decision under which people were asked. Where the operation is decided
 * otherwise by now (allowed, denied, or held for others), the request is void.
 */
export function stands(asked: Verdict, now: Verdict): boolean {
  if (asked.effect !== 'hold' || now.effect !== 'hold') return false
  return isDeepStrictEqual(now.approval, asked.approval)
}

/** Holds do not outlive the process. */
const KEY = randomBytes(32)

/**
 * What an approval is bound to: the bytes, the session and the target (promise 3). People see it, and not
 * every value of what it is of: with a key, so that nobody can try out what a short secret is.
 */
export function approvalDigest(
  session: { readonly id: string; readonly resource: { readonly name: string } },
  bytes: readonly (Buffer | string)[],
): string {
  const hash = createHmac('sha256', KEY).update(`${session.id}\0${session.resource.name}\0`)
  for (const part of bytes) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return hash.digest('hex')
}
