import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'
import type { Clock } from '../core/clock.ts'
import { ChaperoneError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { ApiEnv } from './context.ts'
import { contentType } from './errors.ts'

type Middleware = MiddlewareHandler<ApiEnv>

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

export function limitBody(bytesMax: number): Middleware {
  return bodyLimit({
    maxSize: bytesMax,
    onError: () => {
      throw new ChaperoneError('MESSAGE_TOO_LARGE', `The body is over ${bytesMax} bytes.`, {
        hint: 'Send less.',
      })
    },
  })
}

const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i
const BODYLESS = new Set(['GET', 'HEAD'])

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

function hasBody({ headers, body }: Request): boolean {
  const length = headers.get('content-length')
  return headers.has('transfer-encoding') || (length === null ? body !== null : length !== '0')
}
