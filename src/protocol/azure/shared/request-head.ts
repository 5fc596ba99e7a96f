import type { Denial } from '../../../core/denial.ts'
import { isEncoded } from '../../http/body-facts.ts'
import type { RequestHead } from '../../http/head.ts'
import { headerOf } from '../../http/head.ts'
import { denial, unsupported } from '../refusals.ts'

/** Credentials of another kind than the gateway's, wherever they may stand in a head. */
const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  'x-ms-authorization-auxiliary',
  'x-ms-proxy-authorization',
  'ocp-apim-subscription-key',
  'x-functions-key',
])
const CREDENTIAL_PARAMETERS: ReadonlySet<string> = new Set([
  'sig',
  'access_token',
  'api_key',
  'subscription-key',
  'code',
])

/** Headers with which some servers are told of another method, path or host than they were sent. */
const DETOURS =
  /^x-(http-method|http-method-override|method-override|original-url|original-uri|rewrite-url|ms-original-url|forwarded-.*)$/

/** What is wrong with a head, whatever the API behind it. */
export function headProblem(head: RequestHead): Denial | undefined {
  return parameterProblem(head) ?? headerProblem(head) ?? bodyProblem(head)
}

function parameterProblem({ parameters, query }: RequestHead): Denial | undefined {
  const seen = new Set<string>()
  for (const [name] of parameters) {
    const small = name.toLowerCase()
    // OData 4.01 takes `expand` for `$expand`: of the two, one would be read here and the other there.
    const option = small.replace(/^\$/, '')
    if (seen.has(option)) return unsupported('has a query parameter twice')
    if (CREDENTIAL_PARAMETERS.has(small)) return signed()
    seen.add(option)
  }
  // Some readers divide at `;` as well.
  const parts = query.split('&').filter((part) => !OPTIONS.test(part))
  if (parts.some((part) => part.includes(';'))) return unsupported('has a semicolon in its query')
  return undefined
}

/** In these, Graph's own grammar has semicolons. */
const OPTIONS = /^(\$|%24)(expand|filter|search)=/i

function headerProblem({ headers, upgrade }: RequestHead): Denial | undefined {
  if (upgrade !== undefined) return unsupported('asks for another protocol')
  for (const [name] of headers) {
    if (CREDENTIAL_HEADERS.has(name)) return signed()
    if (DETOURS.test(name)) return unsupported(`has the header ${name}`)
  }
  return undefined
}

function bodyProblem({ headers, method, bodyLength }: RequestHead): Denial | undefined {
  if (isEncoded(headers)) {
    return unsupported('has a compressed body', 'Send the body as it is, without Content-Encoding.')
  }
  const hasBody = bodyLength !== 0
  if (hasBody && (method === 'GET' || method === 'HEAD')) {
    return unsupported('reads with a body')
  }
  return undefined
}

function signed(): Denial {
  return denial(
    'REQUEST_SIGNED',
    'A credential of its own stands in the request.',
    'Leave it out: the gateway has its own credential for the target.',
  )
}

const JSON_TYPE =
  /^application\/(json|merge-patch\+json|[a-z0-9.+-]+\+json)\s*(;\s*(charset\s*=\s*"?utf-8"?|odata[.a-z]*\s*=\s*"?[a-z]+"?|ieee754compatible\s*=\s*(true|false))\s*)*$/i

/** Whether the body says that it is JSON in UTF-8. */
export function saysJson({ headers }: RequestHead): boolean {
  return JSON_TYPE.test(headerOf(headers, 'content-type') ?? '')
}

/** What goes on to the target of a client's headers; all others are dropped. */
const FORWARDED: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'content-type',
  'content-length',
  'expect',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'prefer',
  'consistencylevel',
  'user-agent',
  'client-request-id',
  'return-client-request-id',
  'x-ms-client-request-id',
  'x-ms-return-client-request-id',
  'x-ms-correlation-request-id',
  'x-ms-client-session-id',
  'commandname',
  'parametersetname',
])

export function droppedHeaders({ headers }: RequestHead): readonly string[] {
  return headers.map(([name]) => name).filter((name) => !FORWARDED.has(name))
}

/** Path and query at the target. */
export function targetOf({ path, query }: RequestHead): string {
  return query === '' ? path : `${path}?${query}`
}
