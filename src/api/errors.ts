import { z } from '@hono/zod-openapi'
import type { Context, ErrorHandler, NotFoundHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { ZodError } from 'zod'
import { CODES } from '../core/codes.ts'
import { ChaperoneError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { ApiEnv } from './context.ts'

const errorSchema = z
  .object({
    error: z.object({
      code: z.string().openapi({ example: 'APPROVAL_CLOSED' }),
      message: z.string(),
      hint: z.string(),
      place: z
        .object({
          file: z.string().optional(),
          line: z.int().optional(),
          column: z.int().optional(),
          field: z.string().optional(),
        })
        .optional(),
      requestId: z.string(),
    }),
  })
  .openapi('Error')

/** In every route's responses: whatever goes wrong has this form. */
export const errorResponse = {
  default: {
    description: 'A refusal; `code` says which, and docs/errors.md lists them.',
    content: { 'application/json': { schema: errorSchema } },
  },
}

const FALLBACK_HINT = 'See docs/errors.md for what the code means.'

/** Writes any error in the one form. What is not ours is INTERNAL, and says nothing of itself. */
export function handleError(log: Log): ErrorHandler<ApiEnv> {
  return (error, c) => {
    const known = knownError(error)
    if (known === undefined) logUnknown(log, error, c.var.requestId)
    return respond(c, known ?? internal())
  }
}

export const handleNotFound: NotFoundHandler<ApiEnv> = (c) => respond(c, routeUnknown())

function respond(c: Context<ApiEnv>, error: ChaperoneError): Response {
  const { http } = CODES[error.code]
  if (http === 401) c.header('WWW-Authenticate', challenge(error))
  const { code, message, hint = FALLBACK_HINT, place } = error
  const body = { code, message, hint, ...(place === undefined ? {} : { place }) }
  return c.json(
    { error: { ...body, requestId: c.var.requestId } },
    http satisfies number as ContentfulStatusCode,
  )
}

/** RFC 6750 section 3: no error code when the request carried no token. */
function challenge({ code }: ChaperoneError): string {
  const base = 'Bearer realm="chaperone"'
  return code === 'CREDENTIAL_MISSING' ? base : `${base}, error="invalid_token"`
}

function knownError(error: Error): ChaperoneError | undefined {
  if (error instanceof ChaperoneError) return error
  if (!(error instanceof HTTPException)) return undefined
  if (error.status === 415) return contentType('application/json')
  // The framework's own refusal of JSON that cannot be parsed.
  return error.status === 400
    ? new ChaperoneError('REQUEST_INVALID', 'The body is not valid JSON.', { hint: 'Send JSON.' })
    : undefined
}

/** The message of a stranger's error may quote what it choked on, so only its place is logged. */
function logUnknown(log: Log, error: Error, requestId: string): void {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  log.error('api.internal', { requestId, name: error.name, at: frames.slice(0, 6).join(' ') })
}

function internal(): ChaperoneError {
  return new ChaperoneError('INTERNAL', 'Something went wrong inside the gateway.', {
    hint: 'Give the request id to whoever runs the gateway.',
  })
}

function routeUnknown(): ChaperoneError {
  return new ChaperoneError('ROUTE_UNKNOWN', 'The API has no such address or method.', {
    hint: 'GET /openapi.json lists what there is.',
  })
}

export function contentType(wanted: string): ChaperoneError {
  return new ChaperoneError('CONTENT_TYPE', `The body must be ${wanted}.`, {
    hint: `Send the header Content-Type: ${wanted}.`,
  })
}

const PARTS: Readonly<Record<string, string>> = { json: 'body', param: 'path' }

/** Names the first field that is wrong, never what was in it. */
export function invalidInput(target: string, error: ZodError): ChaperoneError {
  const [issue] = error.issues
  const part = PARTS[target] ?? target
  const path = (issue?.path ?? []).map(String).join('.')
  const field = path === '' ? part : path
  const message = `The ${part} is not valid: ${field}: ${issue?.message ?? 'wrong'}.`
  return new ChaperoneError('REQUEST_INVALID', message, {
    hint: 'GET /openapi.json describes what is expected.',
    place: { field },
  })
}
