import type { MiddlewareHandler } from 'hono'
import { isOwner } from '../approval/terms.ts'
import { ChaperoneError } from '../core/errors.ts'
import type { Agent, Human, HumanRole } from '../core/principal.ts'
import type { Gatekeeper } from '../identity/gatekeeper.ts'
import type { ApiEnv } from './context.ts'
import { attemptOf, tellKnown } from './context.ts'
import { TOKEN_CHARS_MAX } from './limits.ts'

/** RFC 6750 section 2.1: `b64token`, one space. */
const BEARER = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i

/** Signs the caller in on everything under its path but `open`: a new route is closed by default. */
export function signedIn(
  gatekeeper: Pick<Gatekeeper, 'human'>,
  open: ReadonlySet<string>,
): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (!open.has(c.req.path)) {
      const token = bearerToken(c.req.header('authorization'))
      c.set('human', await gatekeeper.human(token, attemptOf(c)))
      tellKnown(c)
    }
    await next()
  }
}

function bearerToken(header: string | undefined): string {
  if (header === undefined || header === '') {
    throw new ChaperoneError('CREDENTIAL_MISSING', 'The request carries no token.', {
      hint: 'Sign in with `chaperone login`, or send Authorization: Bearer <token>.',
    })
  }
  const token = header.length > TOKEN_CHARS_MAX ? undefined : BEARER.exec(header)?.[1]
  if (token === undefined) {
    throw new ChaperoneError('CREDENTIAL_MALFORMED', 'The Authorization header holds no token.', {
      hint: 'Send Authorization: Bearer <token>.',
    })
  }
  return token
}

/** Administrators pass everywhere. Throws HUMAN_ROLE_MISSING. */
export function roles(...wanted: readonly HumanRole[]): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (!hasRole(c.var.human, ...wanted)) throw roleMissing(['admin', ...wanted])
    await next()
  }
}

function hasRole(human: Human, ...wanted: readonly HumanRole[]): boolean {
  return human.roles.some((role) => role === 'admin' || wanted.includes(role))
}

/** Those who may read everything; approvers read what concerns their own agents. */
function readsAll(human: Human): boolean {
  return hasRole(human, 'reviewer', 'auditor')
}

export function mayRead(human: Human, agent: Agent | undefined): boolean {
  return readsAll(human) || (agent !== undefined && isOwner(agent, human))
}

function roleMissing(wanted: readonly HumanRole[]): ChaperoneError {
  return new ChaperoneError('HUMAN_ROLE_MISSING', `This takes the role ${wanted.join(' or ')}.`, {
    hint: 'Ask an administrator for the role; GET /v1/me shows the roles that you have.',
  })
}
