import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Code } from '../core/codes.ts'
import { CODES } from '../core/codes.ts'
import { asChaperoneError, ChaperoneError } from '../core/errors.ts'
import type { ApiEnv } from './context.ts'
import { attemptOf } from './context.ts'
import type { ApiDeps } from './deps.ts'
import { contentType } from './errors.ts'
import type { TokenRequest } from './token-request.ts'
import { GRANT_TYPE, ISSUED_TYPES, readTokenRequest, SUBJECT_TYPES } from './token-request.ts'

export const TOKEN_PATH = '/v1/token'

const FORM = 'application/x-www-form-urlencoded'
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;|$)/i

const requestSchema = z
  .object({
    grant_type: z.literal(GRANT_TYPE),
    subject_token: z.string(),
    subject_token_type: z.enum(SUBJECT_TYPES),
    requested_token_type: z.enum([ISSUED_TYPES.access_token, ISSUED_TYPES.ticket]).optional(),
    resource: z.string().optional(),
    scope: z.string().optional(),
  })
  .openapi('TokenRequest')

const responseSchema = z
  .object({
    access_token: z.string(),
    issued_token_type: z.string(),
    token_type: z.enum(['Bearer', 'N_A']),
    expires_in: z.int(),
    scope: z.string().optional(),
  })
  .openapi('TokenResponse')

const oauthErrorSchema = z
  .object({ error: z.string(), error_description: z.string(), code: z.string() })
  .openapi('OAuthError')

/** Agents' own route: RFC 8693 exchange of their provider's token for a gateway token or a ticket. */
export function tokenRoutes(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: TOKEN_PATH,
    tags: ['tokens'],
    summary: "Exchange a provider's token for a gateway token or a session ticket (RFC 8693)",
    security: [],
    request: { body: { required: true, content: { [FORM]: { schema: requestSchema } } } },
    responses: {
      200: {
        description: 'What was issued.',
        content: { 'application/json': { schema: responseSchema } },
      },
      default: {
        description: 'A refusal (RFC 6749 section 5.2), with our own code beside it.',
        content: { 'application/json': { schema: oauthErrorSchema } },
      },
    },
  })

  app.post(TOKEN_PATH, async (c) => {
    c.header('Pragma', 'no-cache')
    try {
      if (!FORM_TYPE.test(c.req.header('content-type') ?? '')) throw contentType(FORM)
      const request = readTokenRequest(await c.req.text())
      return c.json(await exchange(deps, request, c), 200)
    } catch (error) {
      if (!(error instanceof ChaperoneError)) deps.log.error('api.token-failed', {})
      return refuse(c, asChaperoneError(error, 'INTERNAL', 'The token could not be issued.'))
    }
  })
}

async function exchange(deps: ApiDeps, request: TokenRequest, c: Context<ApiEnv>) {
  const { subjectToken, ...wanted } = request
  const issued = await deps.tokens.exchange(subjectToken, { ...wanted, ...attemptOf(c) })
  const left_ms = issued.expiresAt_ms - deps.clock.now_ms()
  return {
    access_token: issued.token,
    issued_token_type: ISSUED_TYPES[issued.type],
    // RFC 8693 section 2.2.1: a ticket is no bearer token for HTTP.
    token_type: issued.type === 'access_token' ? 'Bearer' : 'N_A',
    expires_in: Math.max(0, Math.floor(left_ms / 1000)),
    ...(request.scope === undefined ? {} : { scope: request.scope }),
  }
}

function refuse(c: Context<ApiEnv>, { code, message, hint }: ChaperoneError): Response {
  const { error, status } = oauthError(code)
  const text = hint === undefined ? message : `${message} ${hint}`
  return c.json({ error, error_description: describable(text), code }, status)
}

const INVALID_TARGET: ReadonlySet<Code> = new Set<Code>([
  'RESOURCE_UNKNOWN',
  'RESOURCE_NOT_GRANTED',
  'TICKET_RESOURCE',
])

/** RFC 8693 section 2.2.2: whatever is wrong with the subject token is `invalid_request`. */
function oauthError(code: Code): { error: string; status: ContentfulStatusCode } {
  const { http } = CODES[code]
  if (INVALID_TARGET.has(code)) return { error: 'invalid_target', status: 400 }
  if (code === 'PROTOCOL_UNSUPPORTED') return { error: 'unsupported_grant_type', status: 400 }
  if (http === 500) return { error: 'server_error', status: 500 }
  if (http > 500) return { error: 'temporarily_unavailable', status: 503 }
  return { error: 'invalid_request', status: http === 429 || http === 413 ? http : 400 }
}

/** RFC 6749 section 5.2: printable ASCII without `"` and `\`. */
function describable(text: string): string {
  return text.replaceAll('"', "'").replaceAll(/[^\x20-\x5b\x5d-\x7e]/g, '?')
}
