import { hash } from 'node:crypto'
import type { Code } from '../../../core/codes.ts'
import { ChaperoneError } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import type { Gatekeeper } from '../../../identity/gatekeeper.ts'
import type { SessionHost } from '../../../session/governed.ts'
import { openGovernedSession } from '../../../session/governed.ts'
import type { Header } from '../head.ts'
import { REVOKED_MAX, TOKENS_MAX } from '../limits.ts'
import type { HttpEndpoint } from '../target/endpoint.ts'
import type { HttpSession, Ongoing } from './http-session.ts'
import { createKeptOperations } from './http-session.ts'

export interface Caller {
  readonly clientAddress: string
  /** What it says of itself. */
  client: string | undefined
  /** Set once it is known who it is. */
  agent: string | undefined
}

/** Sessions of the HTTP door: whoever brings the same token to the same resource has the same one. */
export interface HttpSessions {
  /**
   * At once where the token is known already. Throws or rejects with what the gatekeeper and the
   * admission of sessions say.
   */
  find(
    authorization: Header | undefined,
    endpoint: HttpEndpoint,
    caller: Caller,
  ): HttpSession | Promise<HttpSession>
  /** The agent's tokens are verified anew from now on. */
  forget(agent: string): void
}

interface Known {
  readonly principal: Principal
  /** By the steady clock. */
  readonly goodUntil_ms: number
  session: HttpSession | undefined
}

export function createHttpSessions(host: SessionHost, gatekeeper: Gatekeeper): HttpSessions {
  const known = new Map<string, Known>()
  const digestOf = createTokenDigests()
  const pending = new Map<string, Promise<Known>>()
  const revoked = new Map<string, number>()
  /** Counts what was forgotten: a verification that was under way then must not be kept. */
  let epoch = 0

  function find(
    authorization: Header | undefined,
    endpoint: HttpEndpoint,
    caller: Caller,
  ): HttpSession | Promise<HttpSession> {
    if (authorization === undefined || authorization[1] === '') {
      throw new ChaperoneError('CREDENTIAL_MISSING', 'No credential was presented.', { hint: HINT })
    }
    const key = `${endpoint.resource.name} ${digestOf(authorization)}`
    if (revoked.size > 0) refuseRevoked(key)
    const entry = known.get(key)
    if (entry !== undefined && isFresh(entry)) return sessionOf(key, entry, endpoint, caller)
    known.delete(key)
    return verified(key, bearerOf(authorization), endpoint, caller).then((one) =>
      sessionOf(key, one, endpoint, caller),
    )
  }

  /** By both clocks, as everything that has a date. */
  function isFresh({ principal, goodUntil_ms }: Known): boolean {
    const { tokenExpiresAt_ms, agent } = principal
    const now_ms = host.clock.now_ms()
    if (now_ms >= tokenExpiresAt_ms || now_ms >= (agent.expiresAt_ms ?? Infinity)) return false
    return host.clock.steady_ms() < goodUntil_ms
  }

  /** Several requests with one new token share its verification. */
  function verified(
    key: string,
    token: string,
    { resource }: HttpEndpoint,
    { clientAddress }: Caller,
  ): Promise<Known> {
    const underWay = pending.get(key)
    if (underWay !== undefined) return underWay
    const began = epoch
    const work = gatekeeper
      .agent(token, { clientAddress, resource: resource.name, resourceType: resource.type })
      .then((principal) => {
        const left_ms = principal.tokenExpiresAt_ms - host.clock.now_ms()
        const entry = {
          principal,
          goodUntil_ms: host.clock.steady_ms() + left_ms,
          session: undefined,
        }
        if (began === epoch) keep(key, entry)
        return entry
      })
      .finally(() => {
        if (pending.get(key) === work) pending.delete(key)
      })
    pending.set(key, work)
    return work
  }

  function keep(key: string, entry: Known): void {
    known.set(key, entry)
    if (known.size <= TOKENS_MAX) return
    for (const [oldest, { session }] of known) {
      if (session !== undefined && !session.ended) continue
      known.delete(oldest)
      return
    }
  }

  function sessionOf(
    key: string,
    entry: Known,
    endpoint: HttpEndpoint,
    caller: Caller,
  ): HttpSession {
    caller.agent = entry.principal.agent.name
    if (entry.session !== undefined && !entry.session.ended) return entry.session
    refuseRevoked(key)
    const ongoing = new Set<Ongoing>()
    const { principal } = entry
    const { resource, life, api } = endpoint
    const governed = openGovernedSession(
      host,
      {
        principal,
        resource,
        protocol: api.protocol,
        clientAddress: caller.clientAddress,
        ...(caller.client === undefined ? {} : { client: caller.client }),
        life,
      },
      {
        end: (code, message) => end(code, message),
        *judgeAgain() {
          const underWay = [...ongoing]
          for (const one of underWay) {
            one.judgeHeld()
            one.judgeAnew()
            yield one
          }
        },
        rests: () => ongoing.size === 0,
      },
    )
    function end(code: Code, message: string): void {
      if (session.ended) return
      session.ended = true
      if (code === 'SESSION_REVOKED') revoke(key, principal, endpoint)
      for (const one of ongoing) one.end(code, message)
      governed.close({ code, message })
    }
    const session: HttpSession = {
      governed,
      asker: { agent: principal.agent.name, sessionId: governed.id },
      answerHeaders: [['chaperone-session', governed.id]],
      ongoing,
      operations: createKeptOperations(),
      openMemory: () => host.memory.agents.open(principal.agent.name),
      ended: false,
      end,
    }
    governed.trail.opened({})
    entry.session = session
    return session
  }

  /**
   * A person ended this session: its token opens no other one here. Where the policies ended it,
   * they decide whether it may come back.
   */
  function revoke(key: string, principal: Principal, { resource }: HttpEndpoint): void {
    if (!host.policies().rulesFor(principal, resource).grantsAnything) return
    revoked.set(key, principal.tokenExpiresAt_ms)
    const oldest = revoked.keys().next()
    if (revoked.size > REVOKED_MAX && oldest.done === false) revoked.delete(oldest.value)
  }

  function refuseRevoked(key: string): void {
    const until_ms = revoked.get(key)
    if (until_ms === undefined) return
    throw new ChaperoneError('SESSION_REVOKED', 'A person ended the session of this token.', {
      hint: "This token opens the resource no more. Ask the agent's owner whether to go on with another one.",
    })
  }

  return {
    find,
    forget(agent) {
      epoch += 1
      pending.clear()
      for (const [key, { principal }] of known) {
        if (principal.agent.name === agent) known.delete(key)
      }
    },
  }
}

/** Tokens are known by their digests. A header that a connection repeats is the same object. */
function createTokenDigests(): (authorization: Header) => string {
  const taken = new WeakMap<Header, string>()
  return (authorization) => {
    let digest = taken.get(authorization)
    if (digest === undefined) {
      digest = hash('sha256', bearerOf(authorization), 'base64')
      taken.set(authorization, digest)
    }
    return digest
  }
}

/** RFC 6750 section 2.1. Nothing is verified here. */
function bearerOf([, value]: Header): string {
  const [, token] = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(value) ?? []
  if (token === undefined) {
    throw new ChaperoneError('CREDENTIAL_MALFORMED', 'The credential is no bearer token.', {
      hint: HINT,
    })
  }
  return token
}

const HINT = "Send the agent's token as `Authorization: Bearer TOKEN`."
