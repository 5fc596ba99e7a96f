import { CODES } from '../../../core/codes.ts'
import type { Denial } from '../../../core/denial.ts'
import type { ChaperoneError } from '../../../core/errors.ts'
import type { LocalAnswer } from '../../http/api.ts'
import type { HeaderList, RequestHead } from '../../http/head.ts'
import { headerOf } from '../../http/head.ts'

/**
 * A refusal as Resource Manager and Graph say it (RPC "error response content", OData): tools print
 * `(code) message`. The parts of it are in `details` and, for programs, in `innererror`.
 */
export function azureRefusal(
  refusal: Denial | ChaperoneError,
  authority: string,
  head?: RequestHead,
): LocalAnswer {
  const { code, message, hint } = refusal
  const rule = ruleOf(refusal)
  const status = CODES[code].http
  const by = rule === undefined ? reasonOf(refusal) : ` Rule ${rule.name} refused it${rule.says}.`
  const error = {
    code,
    message: `${message}${by}${hint === undefined ? '' : ` ${hint}`}`,
    ...(head === undefined ? {} : { target: head.path }),
    details: [
      { code, message },
      ...(rule === undefined ? [] : [{ code: 'rule', message: rule.name }]),
      ...(hint === undefined ? [] : [{ code: 'hint', message: hint }]),
    ],
    innererror: { code, ...(rule === undefined ? {} : { policy: rule.policy, rule: rule.rule }) },
  }
  return {
    status,
    headers: [
      ['content-type', 'application/json; charset=utf-8'],
      ['x-ms-failure-cause', 'gateway'],
      ['x-ms-error-code', code],
      ...echo(head),
      ...(status === 401 ? [['www-authenticate', challenge(authority, code)] as const] : []),
      ...(status === 429 ? [['retry-after', '30'] as const] : []),
    ],
    body: head?.method === 'HEAD' ? '' : JSON.stringify({ error }),
  }
}

function ruleOf(refusal: Denial | ChaperoneError) {
  if (!('policy' in refusal) || refusal.policy === undefined) return undefined
  const { policy, rule = '', ruleMessage } = refusal
  const says = ruleMessage === undefined ? '' : `: ${withoutPeriod(ruleMessage)}`
  return { policy, rule, name: `${policy}/${rule}`, says }
}

/** What a person gave as the reason; no rule stands beside it. */
function reasonOf(refusal: Denial | ChaperoneError): string {
  if (!('ruleMessage' in refusal) || refusal.ruleMessage === undefined) return ''
  return ` The reason: ${withoutPeriod(refusal.ruleMessage)}.`
}

function withoutPeriod(text: string): string {
  return text.replace(/\.$/, '')
}

/** As Azure challenges; libraries read where tokens are had. */
function challenge(authority: string, code: string): string {
  const base = `Bearer authorization_uri="${authority}"`
  return code === 'CREDENTIAL_MISSING' ? base : `${base}, error="invalid_token"`
}

/** The ids that a client gave its request come back, so that both sides' logs can be joined. */
function echo(head: RequestHead | undefined): HeaderList {
  if (head === undefined) return []
  return ['x-ms-client-request-id', 'client-request-id', 'x-ms-correlation-request-id'].flatMap(
    (name) => {
      const value = headerOf(head.headers, name)
      return value !== undefined && /^[\x20-\x7e]{1,200}$/.test(value)
        ? [[name, value] as const]
        : []
    },
  )
}
