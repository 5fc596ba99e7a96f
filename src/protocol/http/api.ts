import type { Denial } from '../../core/denial.ts'
import type { ChaperoneError } from '../../core/errors.ts'
import type { Operation } from '../../core/operation.ts'
import type { MaskRule } from '../../core/verdict.ts'
import type { Judgement } from '../../session/governed.ts'
import type { AnswerHead, HeaderList, RequestHead } from './head.ts'
import type { Shown } from './shown.ts'

/**
 * One HTTP API behind the gateway: all that the proxy core has to know of Kubernetes, Resource
 * Manager or a storage account. `N` is whatever the API wants to remember of a request.
 *
 * The core calls, for each request and in this order: `read` (once more with the body, where the
 * first reading asks for it), `prepare`, and for the target's answer `answer`.
 */
export interface HttpApi<N = unknown> {
  readonly protocol: 'kubernetes' | 'azure'
  readonly path: PathRules
  /** Synchronous and total: what cannot be understood is `refused`. */
  read(head: RequestHead, body: Buffer | undefined, asker: Asker): Reading<N>
  /** How an allowed request goes on; masks are known by now. */
  prepare(request: ApiRequest<N>, judgement: Judgement, context: RequestContext): Forward
  /** What becomes of the target's answer. */
  answer(
    request: ApiRequest<N>,
    judgement: Judgement,
    answer: AnswerHead,
    context: RequestContext,
  ): Treatment
  /** A refusal in the API's own error form. `head` is absent where none could be read. */
  refuse(refusal: Denial | ChaperoneError, head?: RequestHead): LocalAnswer
  /** What a held write would change, for the people who are asked; the approval is bound to it. */
  preview?(
    request: ApiRequest<N>,
    body: Buffer,
    call: TargetCall,
    judgement: Judgement,
  ): Promise<Preview | undefined>
  /** Watches over an upgraded connection; an API without it has no upgrades. */
  tunnel?(request: ApiRequest<N>, judgement: Judgement, tunnel: TunnelHost): TunnelGuard
}

/** What an API lets stand in paths because its target reads it in one way only. */
export interface PathRules {
  /** `//` and a trailing `/` beyond the first. */
  readonly emptySegments: boolean
  /** `%2F` inside a segment. */
  readonly encodedSlashes: boolean
}

export type Reading<N> =
  | { readonly type: 'request'; readonly request: ApiRequest<N> }
  /** The head alone does not tell: read again with the whole body, of at most so many bytes. */
  | { readonly type: 'body'; readonly bytesMax: number }
  | { readonly type: 'refused'; readonly denial: Denial }
  /** The gateway answers by itself, and nothing reaches the target: Key Vault's challenge. */
  | { readonly type: 'local'; readonly answer: LocalAnswer }

export interface ApiRequest<N> {
  readonly operation: Operation
  /** Method, path and query, and a body that was read: exactly what rules judge, secrets and all. */
  readonly text: string
  /** What people see in place of the text, under the masks in force; absent: the text itself. */
  readonly show?: (masks: readonly MaskRule[]) => Shown
  readonly note: N
}

/** A request that was judged. Its exact text goes no further than the rules. */
export interface JudgedRequest<N = unknown> extends ApiRequest<N> {
  /** What records and approvers see. */
  readonly shown: string
}

/** Who asks: what was handed to one session (a link to poll, a page's token) is none of another's. */
export interface Asker {
  readonly agent: string
  readonly sessionId: string
}

/** Who asks; for impersonation headers and audit ids. */
export interface RequestContext extends Asker {
  readonly operationId: string
  readonly head: RequestHead
  /** Of a held request that people agreed to: what it would change, as it was when it was released. */
  readonly seen?: Preview | undefined
}

/** A request's edits on its way to the target. */
export interface Forward {
  /** Path and query, where they are not the client's. */
  readonly target?: string
  /** Take the place of all headers of the same name. */
  readonly set?: HeaderList
  readonly drop?: readonly string[]
  /**
   * Takes the place of a body that was read whole, and sets the new length: a batch's requests carry
   * the agent's credential, and need the target's instead. Else the body is never changed.
   */
  readonly body?: (authorise: TargetAuthority['headers']) => Buffer | Promise<Buffer>
}

export type Treatment =
  | { readonly type: 'pass'; readonly headers: HeaderList }
  | {
      readonly type: 'transform'
      readonly headers: HeaderList
      readonly body: BodyTransform
      /** Bytes of the changed body, where the transform knows them: clients of blobs insist on it. */
      readonly length?: number
    }
  /** The answer cannot be shown: a mask is due and its form is not understood. */
  | { readonly type: 'refused'; readonly denial: Denial }

/** Changes a body as it streams. What it throws cuts the answer short and is recorded. */
export interface BodyTransform {
  /** What may go on now; often less than what came. */
  write(chunk: Buffer): Buffer
  end(): Buffer
  /** Names of the fields whose values were masked so far. */
  readonly masked: readonly string[]
  /** Things listed, where it counts them. */
  readonly rows?: number | undefined
}

export interface LocalAnswer {
  readonly status: number
  readonly headers: HeaderList
  readonly body: string
}

export interface Preview {
  /** Text for people: what would change. */
  readonly text: string
  /** Equal as long as the approved change is still the same change; compared again before it runs. */
  readonly digest: string
  /** Headers by which the target itself refuses the request where that is so no longer. */
  readonly condition?: HeaderList
}

/** A request of the gateway's own to the target of a held one, with the gateway's credential. */
export type TargetCall = (request: {
  readonly method: string
  readonly target: string
  readonly headers: HeaderList
  /** The header in which the id of its record goes along. */
  readonly idHeader?: string
  readonly body?: Buffer
}) => Promise<{ readonly status: number; readonly headers: HeaderList; readonly body: Buffer }>

/** WebSocket messages of an upgraded connection, as they pass. */
export interface TunnelGuard {
  /** `undefined` lets it pass; a denial closes the tunnel. Called before the bytes go on. */
  fromClient(message: TunnelMessage): Denial | undefined
  fromTarget(message: TunnelMessage): Denial | undefined
  /**
   * What came from the client since the last time goes on now, together. A denial closes the tunnel,
   * and none of it goes on.
   */
  passes?(): Denial | undefined
}

export interface TunnelMessage {
  readonly binary: boolean
  /** One frame's payload, unmasked. */
  readonly payload: Buffer
  /** Not so for a target's further fragments; a client's messages are one frame each. */
  readonly first: boolean
}

export interface TunnelHost {
  readonly subprotocol: string
  now_ms(): number
  /** A piece of a recorded stream: input, output, a new size `80x24`, or a marker (asciicast v3). */
  record(kind: 'i' | 'o' | 'r' | 'm', text: string): void
  /** Whether a rule about texts refuses this one, as it would the request. */
  judge(text: string): Denial | undefined
}

/** What the core adds to a request so that the target accepts it. */
export interface TargetAuthority {
  /** Synchronous while the credential is fresh. Rejects with TARGET_CREDENTIAL. */
  headers(request: OutgoingHead): HeaderList | Promise<HeaderList>
}

export interface OutgoingHead {
  readonly method: string
  readonly host: string
  /** Path and query. */
  readonly target: string
  readonly headers: HeaderList
}
