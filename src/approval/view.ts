import { formatObject } from '../core/object.ts'
import type { Access, OperationFacts } from '../core/operation.ts'
import type { Principal } from '../core/principal.ts'
import type { Resource } from '../core/resource.ts'
import type { ApprovalTerms, Reason } from '../core/verdict.ts'
import type { ApprovalRequest } from './approvals.ts'
import type { CountedAnswer, Progress } from './terms.ts'
import { describeAsked, progressOf, termsOf } from './terms.ts'

export const APPROVAL_STATES = [
  'pending',
  'approved',
  'denied',
  'expired',
  'withdrawn',
  'superseded',
  'revoked',
  'shutdown',
  'unavailable',
  'refused-by-restart',
] as const

export type ApprovalState = (typeof APPROVAL_STATES)[number]

/** What is kept of a request: plain data, so that it survives the process. */
export interface KeptRequest {
  readonly operationId: string
  readonly sessionId: string
  readonly agent: Pick<Principal['agent'], 'name' | 'tenant' | 'objectId' | 'owner' | 'purpose'>
  readonly delegation?: NonNullable<Principal['delegation']>
  readonly resource: Resource
  readonly kind: string
  readonly fingerprint: string
  readonly accesses: readonly KeptAccess[]
  readonly facts: OperationFacts
  readonly text: string
  readonly parameters?: readonly (string | null)[]
  readonly digest: string
  readonly policyVersion: string
  readonly reasons: readonly Reason[]
  readonly terms: readonly ApprovalTerms[]
  readonly estimatedRows?: number
}

export interface KeptAccess {
  readonly action: string
  /** Written form, quoted where needed. */
  readonly object: string
  readonly parts?: readonly string[] | 'all'
}

export interface KeptApproval {
  readonly id: string
  readonly state: ApprovalState
  readonly requestedAt_ms: number
  readonly expiresAt_ms: number
  readonly settledAt_ms?: number
  readonly request: KeptRequest
  readonly answers: readonly CountedAnswer[]
}

/** A request as people see it. */
export interface ApprovalView extends KeptApproval {
  /** Who was asked, in words. */
  readonly asked: string
  /** One for each of the request's terms. */
  readonly progress: readonly Progress[]
  /** The text or a parameter has characters that do not show, or that reorder what is shown. */
  readonly hiddenCharacters: boolean
  readonly history?: AgentHistory
}

/** What this agent asked for on this resource of late, beside this request. */
export interface AgentHistory {
  readonly since_ms: number
  readonly requests: number
  readonly approved: number
  readonly denied: number
  /** Approved requests with the same normalised statement. */
  readonly sameApproved: number
}

export function keptRequest(request: ApprovalRequest): KeptRequest {
  const { principal, operation, verdict } = request
  const { name, tenant, objectId, owner, purpose } = principal.agent
  return {
    operationId: request.operationId,
    sessionId: request.sessionId,
    agent: { name, tenant, objectId, owner, purpose },
    ...(principal.delegation === undefined ? {} : { delegation: principal.delegation }),
    resource: keptResource(request.resource),
    kind: operation.kind,
    fingerprint: operation.fingerprint,
    accesses: operation.accesses.map(keptAccess),
    facts: operation.facts,
    text: request.text,
    ...(request.parameters === undefined ? {} : { parameters: request.parameters }),
    digest: request.digest,
    policyVersion: verdict.policyVersion,
    reasons: verdict.reasons,
    terms: termsOf(verdict),
    ...(request.estimatedRows === undefined ? {} : { estimatedRows: request.estimatedRows }),
  }
}

/** Named one by one: at run time a resource may hold more than its type says, such as an address. */
function keptResource({ name, type, labels }: Resource): Resource {
  return { name, type, labels }
}

function keptAccess({ action, object, parts }: Access): KeptAccess {
  return { action, object: formatObject(object), ...(parts === undefined ? {} : { parts }) }
}

export function viewOf(kept: KeptApproval, history?: AgentHistory): ApprovalView {
  const { terms, text, parameters } = kept.request
  return {
    ...kept,
    asked: describeAsked(terms),
    progress: progressOf(terms, kept.answers),
    hiddenCharacters: [text, ...(parameters ?? [])].some((one) => one !== null && hides(one)),
    ...(history === undefined ? {} : { history }),
  }
}

/** Control characters but tab and line ends; format characters (bidi, zero width); odd spaces. */
const HIDDEN = /[^\P{Cc}\t\n\r]|\p{Cf}|\p{Zl}|\p{Zp}|[\u115f\u1160\u3164\uffa0]/u

function hides(text: string): boolean {
  return HIDDEN.test(text)
}
