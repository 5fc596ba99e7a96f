import { CODES } from '../../../core/codes.ts'
import type { Denial } from '../../../core/denial.ts'
import type { ChaperoneError } from '../../../core/errors.ts'
import type { LocalAnswer } from '../../http/api.ts'
import type { RequestHead } from '../../http/head.ts'

/** The API's own words for a status ("metav1.StatusReason"); clients decide by them. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  501: 'NotImplemented',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

const RETRY_SECONDS = 5

/**
 * A refusal as a `Status`, which kubectl prints as `Error from server (Forbidden): …`. The message
 * holds what a person or an agent has to know; the parts of it are causes, for programs.
 */
export function kubernetesRefusal(
  refusal: Denial | ChaperoneError,
  head?: RequestHead,
): LocalAnswer {
  const { code, message, hint } = refusal
  const status = CODES[code].http
  const rule = ruleOf(refusal)
  const retries = status === 429
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: [
      `${message} (${code}${rule === undefined ? '' : `, rule ${rule}`})`,
      wordsOf(refusal),
      hint,
    ]
      .filter((one) => one !== undefined)
      .join(' '),
    reason: REASONS[status] ?? 'Unknown',
    details: {
      causes: [
        { reason: code, message },
        ...(rule === undefined ? [] : [{ reason: 'rule', message: rule }]),
        ...(hint === undefined ? [] : [{ reason: 'hint', message: hint }]),
      ],
      ...(retries ? { retryAfterSeconds: RETRY_SECONDS } : {}),
    },
    code: status,
  }
  return {
    status,
    headers: [
      ['content-type', 'application/json'],
      ['cache-control', 'no-cache, private'],
      ...(retries ? [['retry-after', String(RETRY_SECONDS)] as const] : []),
    ],
    body: head?.method === 'HEAD' ? '' : JSON.stringify(body),
  }
}

function ruleOf(refusal: Denial | ChaperoneError): string | undefined {
  if (!('policy' in refusal) || refusal.policy === undefined) return undefined
  return `${refusal.policy}/${refusal.rule ?? ''}`
}

function wordsOf(refusal: Denial | ChaperoneError): string | undefined {
  return 'ruleMessage' in refusal ? refusal.ruleMessage : undefined
}
