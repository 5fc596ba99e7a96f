import { ChaperoneError } from '../core/errors.ts'
import { TOKEN_CHARS_MAX } from './limits.ts'

export interface TokenRequest {
  readonly subjectToken: string
  readonly type: 'access_token' | 'ticket'
  /** Name of a resource that the result is to be good for alone. */
  readonly resource?: string
  readonly scope?: string
}

export const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:token-exchange'

export const SUBJECT_TYPES = [
  'urn:ietf:params:oauth:token-type:access_token',
  'urn:ietf:params:oauth:token-type:jwt',
] as const

export const ISSUED_TYPES = {
  access_token: 'urn:ietf:params:oauth:token-type:access_token',
  ticket: 'urn:chaperone:token-type:ticket',
} as const

/** What would change whom or what the token is for; ignoring it would issue another than was asked. */
const REFUSED = ['actor_token', 'actor_token_type', 'audience'] as const

const FIELD_CHARS_MAX = 1_000

/**
 * Reads a form-encoded RFC 8693 section 2.1 request. Parameters that are not known are ignored (RFC
 * 6749 section 3.2), those that are must not repeat. Throws REQUEST_INVALID, and PROTOCOL_UNSUPPORTED
 * for another grant type.
 */
export function readTokenRequest(body: string): TokenRequest {
  const form = new URLSearchParams(body)
  const grantType = field(form, 'grant_type')
  if (grantType === undefined) throw invalid('grant_type', 'is missing')
  if (grantType !== GRANT_TYPE) {
    throw new ChaperoneError('PROTOCOL_UNSUPPORTED', 'Another grant type than token exchange.', {
      hint: `Send grant_type=${GRANT_TYPE}.`,
    })
  }
  for (const name of REFUSED) {
    if (field(form, name) !== undefined) throw invalid(name, 'is not supported')
  }
  const subjectToken = field(form, 'subject_token', TOKEN_CHARS_MAX)
  if (subjectToken === undefined) throw invalid('subject_token', 'is missing')
  checkSubjectType(field(form, 'subject_token_type'))
  const resource = field(form, 'resource')
  const scope = field(form, 'scope')
  return {
    subjectToken,
    type: wanted(field(form, 'requested_token_type')),
    ...(resource === undefined ? {} : { resource }),
    ...(scope === undefined ? {} : { scope }),
  }
}

/** An empty parameter is an absent one (RFC 6749 section 3.2). */
function field(form: URLSearchParams, name: string, max = FIELD_CHARS_MAX): string | undefined {
  const [value, ...more] = form.getAll(name)
  if (more.length > 0) throw invalid(name, 'must not repeat')
  if (value !== undefined && value.length > max) throw invalid(name, 'is too long')
  return value === '' ? undefined : value
}

function checkSubjectType(type: string | undefined): void {
  if (!SUBJECT_TYPES.some((known) => known === type)) {
    throw invalid('subject_token_type', `must be ${SUBJECT_TYPES.join(' or ')}`)
  }
}

function wanted(type: string | undefined): 'access_token' | 'ticket' {
  if (type === undefined || type === ISSUED_TYPES.access_token) return 'access_token'
  if (type === ISSUED_TYPES.ticket) return 'ticket'
  throw invalid('requested_token_type', `must be ${Object.values(ISSUED_TYPES).join(' or ')}`)
}

function invalid(name: string, what: string): ChaperoneError {
  return new ChaperoneError('REQUEST_INVALID', `The parameter ${name} ${what}.`, {
    place: { field: name },
  })
}
