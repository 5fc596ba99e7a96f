import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import type { Clock } from '../core/clock.ts'
import { ChaperoneError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { Gathered } from '../wire/gathered.ts'
import type { ApiEnv } from './context.ts'
import { contentType } from './errors.ts'

type Middleware = MiddlewareHandler<ApiEnv>

/** Whatever they bring is nothing; a `Request` of these could not even have it. */
const BODYLESS = new Set(['GET', 'HEAD', 'TRACE'])

/** Our own id for every request; one sent by the client could repeat, or be made to mislead. */
export function requestIds(clock: Clock): Middleware {
  return async (c, next) => {
    c.set('requestId', newId(clock.now_ms()))
    c.header('X-Request-Id', c.var.requestId)
    await next()
  }
}

/** Answers are data for one caller: never cached, never framed, never run as a page. */
export function securityHeaders(): Middleware[] {
  const noStore: Middleware = async (c, next) => {
    await next()
    c.header('Cache-Control', 'no-store')
  }
  const headers = secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
    strictTransportSecurity: 'max-age=31536000',
  })
  return [headers, noStore]
}

/**
 * Reads bodies whole, in memory of their own size, and no more than this of one, whether or not its
 * length was told: by themselves they would be lists of the pieces in which they came, and a piece of
 * one byte takes two hundred.
 */
export function limitBody(bytesMaxOf: (path: string) => number): Middleware {
  return async (c, next) => {
    const { url, headers } = c.req.raw
    const { method } = c.req
    const pieces = BODYLESS.has(method) ? null : piecesOf(c)
    if (pieces === null) return next()
    const bytesMax = bytesMaxOf(c.req.path)
    const announced = Number(headers.get('content-length') ?? 0)
    if (announced > bytesMax) throw tooLarge(bytesMax)
    const body = new Gathered(announced > 0 ? announced : bytesMax)
    for await (const chunk of pieces) {
      if (body.length + chunk.length > bytesMax) throw tooLarge(bytesMax)
      body.add(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    }
    c.req.raw = new Request(url, { method, headers, body: body.take() })
    return next()
  }
}

/** Of Node's own stream where there is one, which hands over at once what has come. */
function piecesOf(c: Context<ApiEnv>): AsyncIterable<Uint8Array> | null {
  const { incoming }: Partial<HttpBindings> = c.env ?? {}
  if (incoming === undefined) return c.req.raw.body
  return hasBody(c.req.raw) ? incoming : null
}

function tooLarge(bytesMax: number): ChaperoneError {
  return new ChaperoneError('MESSAGE_TOO_LARGE', `The body is over ${bytesMax} bytes.`, {
    hint: 'Send less.',
  })
}

const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i

/**
 * A body is JSON and says so, whatever the route: it is never guessed and never ignored. (A form or
 * plain text is also what a page of another origin could send without asking.) `except` are paths
 * with a body of their own kind.
 */
export function onlyJson(except: (path: string) => boolean): Middleware {
  return async (c, next) => {
    if (!BODYLESS.has(c.req.method) && !except(c.req.path)) {
      const type = c.req.header('content-type')
      const wrong = type === undefined ? hasBody(c.req.raw) : !JSON_TYPE.test(type)
      if (wrong) throw contentType('application/json')
    }
    await next()
  }
}

/** RFC 9112 section 6: its framing says whether a request has a body. */
function hasBody({ headers }: Request): boolean {
  return headers.has('transfer-encoding') || (headers.get('content-length') ?? '0') !== '0'
}
