import type { Code } from '../core/codes.ts'
import { CODES } from '../core/codes.ts'
import type { ChaperoneError } from '../core/errors.ts'

/** RFC 6749 section 5.2, with what Entra ID adds to it and Azure's libraries print. */
export interface StsError {
  readonly status: 400 | 401 | 403 | 429 | 500 | 503
  readonly body: {
    readonly error: string
    readonly error_description: string
    readonly error_codes: readonly number[]
    readonly timestamp: string
    readonly trace_id: string
    readonly correlation_id: string
    /** Our own; docs/errors.md lists them. */
    readonly code: Code
  }
}

/** Entra's numbers for what is the same here, so that people who search for one find the cause. */
const NUMBERS: Partial<Record<Code, number>> = {
  TOKEN_EXPIRED: 700024,
  TOKEN_TOO_OLD: 700024,
  TOKEN_NOT_YET_VALID: 700024,
  TOKEN_AUDIENCE: 700212,
  TOKEN_ISSUER: 700211,
  TOKEN_SIGNATURE: 700027,
  TOKEN_KEY_UNKNOWN: 700027,
  TOKEN_TENANT: 90002,
  AGENT_UNKNOWN: 700016,
  AGENT_DISABLED: 7000112,
  AGENT_EXPIRED: 7000112,
  RESOURCE_UNKNOWN: 500011,
  PROTOCOL_UNSUPPORTED: 70003,
  REQUEST_INVALID: 900144,
  CREDENTIAL_MALFORMED: 7000215,
  RATE_LIMITED: 90100,
}
const NUMBER_OF_OTHERS = 50000

const INVALID_CLIENT: readonly number[] = [401, 403]

export function stsError(error: ChaperoneError, requestId: string, now_ms: number): StsError {
  const { code, message, hint } = error
  const number = NUMBERS[code] ?? NUMBER_OF_OTHERS
  const text = [`AADSTS${number}: ${message}`, hint, `(${code})`].filter(Boolean).join(' ')
  const { error: name, status } = kindOf(code)
  return {
    status,
    body: {
      error: name,
      error_description: text.replaceAll('"', "'").replaceAll(/[^\x20-\x5b\x5d-\x7e]/g, '?'),
      error_codes: [number],
      timestamp: new Date(now_ms).toISOString().replace('T', ' '),
      trace_id: requestId,
      correlation_id: requestId,
      code,
    },
  }
}

function kindOf(code: Code): { readonly error: string; readonly status: StsError['status'] } {
  const { http } = CODES[code]
  if (code === 'RESOURCE_UNKNOWN') return { error: 'invalid_resource', status: 400 }
  if (code === 'PROTOCOL_UNSUPPORTED') return { error: 'unsupported_grant_type', status: 400 }
  if (http === 429) return { error: 'temporarily_unavailable', status: 429 }
  if (INVALID_CLIENT.includes(http)) return { error: 'invalid_client', status: 401 }
  if (http === 500) return { error: 'server_error', status: 500 }
  if (http > 500) return { error: 'temporarily_unavailable', status: 503 }
  return { error: 'invalid_request', status: 400 }
}
