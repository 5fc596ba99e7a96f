import type { Code } from '../../../../core/codes.ts'
import { CODES } from '../../../../core/codes.ts'
import type { Denial } from '../../../../core/denial.ts'
import type { ChaperoneError } from '../../../../core/errors.ts'
import type { LocalAnswer } from '../../../http/api.ts'
import type { HeaderList, RequestHead } from '../../../http/head.ts'
import { headerOf } from '../../../http/head.ts'
import type { Challenge } from '../../shared/challenge.ts'
import { refusalText } from '../../shared/refusal-text.ts'
import type { StorageService } from '../requests/call.ts'

/**
 * A refusal as the service itself would say it: XML for blobs and queues, JSON for tables, the code
 * also in a header (a HEAD has no body). SDKs show code and message; what else is known stands in
 * both, in elements of its own too.
 */
export function storageRefusal(
  service: StorageService,
  challenge: Challenge,
  refusal: Denial | ChaperoneError,
  head?: RequestHead,
): LocalAnswer {
  const status = CODES[refusal.code].http
  const code = storageCode(refusal.code, status)
  const isJson = service === 'table'
  const body = isJson ? tableBody(code, refusal) : xmlBody(code, refusal)
  return {
    status,
    headers: [
      ['content-type', isJson ? 'application/json;odata=minimalmetadata' : 'application/xml'],
      ['x-ms-error-code', code],
      ...echo(head),
      ...(status === 401 ? [['www-authenticate', challengeHeader(challenge)] as const] : []),
    ],
    body: head?.method === 'HEAD' ? '' : body,
  }
}

/** As the service challenges; SDKs of storage and tables look for both parameters. */
function challengeHeader({ authority, resource }: Challenge): string {
  return `Bearer authorization_uri=${authority}/oauth2/authorize resource_id=${resource}`
}

function echo(head: RequestHead | undefined): HeaderList {
  const id = head === undefined ? undefined : headerOf(head.headers, 'x-ms-client-request-id')
  const version = head === undefined ? undefined : headerOf(head.headers, 'x-ms-version')
  return [
    ...(isEchoable(id) ? [['x-ms-client-request-id', id] as const] : []),
    ...(isEchoable(version) ? [['x-ms-version', version] as const] : []),
  ]
}

function isEchoable(value: string | undefined): value is string {
  return value !== undefined && /^[\x20-\x7e]{1,1024}$/.test(value)
}

function storageCode(code: Code, status: number): string {
  const known = CODES_OF_STORAGE[code]
  if (known !== undefined) return known
  if (status === 401) return 'InvalidAuthenticationInfo'
  if (status === 403) return 'InsufficientAccountPermissions'
  if (status === 404) return 'ResourceNotFound'
  if (status === 413) return 'RequestBodyTooLarge'
  if (status === 408) return 'OperationTimedOut'
  if (status >= 500) return status === 503 ? 'ServerBusy' : 'InternalError'
  return 'InvalidInput'
}

/**
 * Not AuthorizationPermissionMismatch or AuthorizationFailure for policies: in their place the Azure
 * CLI shows advice of its own, and neither rule nor hint.
 */
const CODES_OF_STORAGE: Partial<Record<Code, string>> = {
  POLICY_DENIED: 'InsufficientAccountPermissions',
  POLICY_NO_MATCH: 'InsufficientAccountPermissions',
  CREDENTIAL_MISSING: 'NoAuthenticationInformation',
  REQUEST_UNSUPPORTED: 'FeatureNotSupportedByGateway',
  REQUEST_SIGNED: 'AuthorizationServiceMismatch',
  APPROVAL_STALE: 'ConditionNotMet',
}

function details(refusal: Denial | ChaperoneError): [name: string, value: string][] {
  const { policy, rule } = 'policy' in refusal || 'rule' in refusal ? refusal : {}
  return [
    ['ChaperoneCode', refusal.code],
    ...(policy === undefined ? [] : [['Policy', policy] satisfies [string, string]]),
    ...(rule === undefined ? [] : [['Rule', rule] satisfies [string, string]]),
    ...(refusal.hint === undefined ? [] : [['Hint', refusal.hint] satisfies [string, string]]),
  ]
}

function xmlBody(code: string, refusal: Denial | ChaperoneError): string {
  const more = details(refusal).map(([name, value]) => `<${name}>${xml(value)}</${name}>`)
  return (
    `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code>` +
    `<Message>${xml(refusalText(refusal))}</Message>${more.join('')}</Error>`
  )
}

function tableBody(code: string, refusal: Denial | ChaperoneError): string {
  return JSON.stringify({
    'odata.error': {
      code,
      message: { lang: 'en-US', value: refusalText(refusal) },
      ...Object.fromEntries(details(refusal).map(([name, value]) => [`chaperone.${name}`, value])),
    },
  })
}

/** Text of an element; characters that XML 1.0 cannot hold become U+FFFD. */

export function xml(text: string): string {
  return text
    .replaceAll(NOT_XML, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu
