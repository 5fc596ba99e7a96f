import { ChaperoneError } from '../../../core/errors.ts'
import { STALE } from '../../../session/approval-words.ts'
import type { RequestContext, Treatment } from '../../http/api.ts'
import type { AnswerHead, HeaderList } from '../../http/head.ts'
import { headerOf } from '../../http/head.ts'

/** The state in which people saw a thing: its ETag as the target told it, or that there was none. */
export type SeenState = { readonly type: 'tag'; readonly tag: string } | { readonly type: 'absent' }

/** A client's own conditions, where it sent any. */
export interface ClientConditions {
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: string | undefined
}

/**
 * Headers by which the target refuses a request where the thing is no longer as it was seen (RFC 9110
 * section 13.1). They take the place of the client's own, which must agree: throws APPROVAL_STALE
 * where those ask for another state. Weak tags are sent as they are, since Azure compares them so.
 */
export function conditionOn(state: SeenState, client: ClientConditions): HeaderList {
  const { ifMatch, ifNoneMatch } = client
  if (state.type === 'absent') {
    if (ifMatch !== undefined) throw otherState('If-Match')
    return [['if-none-match', '*']]
  }
  if (ifMatch !== undefined && !names(ifMatch, state.tag)) throw otherState('If-Match')
  if (ifNoneMatch !== undefined && names(ifNoneMatch, state.tag)) throw otherState('If-None-Match')
  return [['if-match', state.tag]]
}

/** Repeated headers are one list (RFC 9110 section 5.3). */
export function conditionsOf(headers: HeaderList): ClientConditions {
  const joined = (wanted: string) => {
    const values = headers.filter(([name]) => name === wanted).map(([, value]) => value)
    return values.length === 0 ? undefined : values.join(', ')
  }
  return { ifMatch: joined('if-match'), ifNoneMatch: joined('if-none-match') }
}

/** What can stand in a header. */
const TAG = /^[\x21-\x7e](?:[\x20-\x7e]{0,1022}[\x21-\x7e])?$/

/** `undefined`: the target tells no ETag, so nothing can be asked of it. */
export function tagged(tag: unknown): SeenState | undefined {
  return typeof tag === 'string' && TAG.test(tag) ? { type: 'tag', tag } : undefined
}

function names(list: string, tag: string): boolean {
  const sent = list.trim()
  return sent === '*' || opaque(sent) === opaque(tag) || tagsOf(sent).includes(opaque(tag))
}

function tagsOf(list: string): readonly string[] {
  return [...list.matchAll(/(?:W\/)?"[^"]*"/g)].map(([one]) => opaque(one))
}

/** Without the marks around it: some services tell a tag bare in a body and quoted in a header. */
function opaque(tag: string): string {
  return tag.replace(/^W\//, '').replace(/^"(.*)"$/s, '$1')
}

function otherState(header: string): ChaperoneError {
  return new ChaperoneError(
    'APPROVAL_STALE',
    `The request asks by ${header} for another state of the thing than it is in.`,
    { hint: 'Read it again, and send the request with the ETag that it has now.' },
  )
}

/** An answer by which the target says that the thing is no longer as people saw it. */
export function staleAnswer(
  answer: AnswerHead,
  { seen }: Pick<RequestContext, 'seen'>,
): Treatment | undefined {
  if (seen?.condition === undefined || !isUnmet(answer)) return undefined
  return { type: 'refused', denial: STALE }
}

const PRECONDITION_FAILED = 412

/** Storage has the same status for leases and others; where it says which condition it was, that counts. */
function isUnmet({ status, headers }: AnswerHead): boolean {
  const code = headerOf(headers, 'x-ms-error-code')
  return code === undefined ? status === PRECONDITION_FAILED : UNMET.has(code)
}

const UNMET: ReadonlySet<string> = new Set([
  'ConditionNotMet',
  'TargetConditionNotMet',
  'UpdateConditionNotSatisfied',
  'BlobAlreadyExists',
  'PreconditionFailed',
])
