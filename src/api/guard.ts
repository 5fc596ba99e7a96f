import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import type { Clock } from '../core/clock.ts'
import { ChaperoneError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { ApiEnv } from './context.ts'
import { contentType } from './errors.ts'

type Middleware = MiddlewareHandler<ApiEnv>

const BODYLESS = new Set(['GET', 'HEAD'])

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

/** Reads no more than this of a body, whether or not its length was told. */
export function limitBody(bytesMax: number): Middleware {
  return async (c, next) => {
    const { headers, method } = c.req.raw
    const told = headers.has('transfer-encoding') ? null : headers.get('content-length')
    if (Number(told) > bytesMax) throw tooLarge(bytesMax)
    if (told === null && !BODYLESS.has(method)) c.req.raw = await readWithin(c.req.raw, bytesMax)
    await next()
  }
}

async function readWithin({ url, method, headers, body }: Request, bytesMax: number) {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of body ?? []) {
    bytes += piece.length
    if (bytes > bytesMax) throw tooLarge(bytesMax)
    pieces.push(piece)
  }
  return new Request(url, { method, headers, body: Buffer.concat(pieces) })
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
