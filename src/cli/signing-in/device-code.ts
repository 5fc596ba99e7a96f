import { z } from 'zod'
import { ChaperoneError } from '../../core/errors.ts'
import { safe } from '../../core/safe-text.ts'
import { mayCarrySecrets, send } from '../common/http.ts'
import type { Io } from '../common/io.ts'
import type { KeptToken } from '../common/token-store.ts'

export interface SignInFacts {
  readonly issuer: string
  readonly clientId: string
  readonly scope: string
}

const discoverySchema = z.object({
  device_authorization_endpoint: z.string(),
  token_endpoint: z.string(),
})

/** RFC 8628 section 3.2 */
const deviceSchema = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  expires_in: z.coerce.number().positive(),
  interval: z.coerce.number().positive().default(5),
})

const tokenSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().default(3600),
})
const errorSchema = z.object({ error: z.string(), error_description: z.string().optional() })

/** RFC 8628 section 3.5: what `slow_down` adds to the interval. */
const SLOW_DOWN_S = 5
/** A provider must not make us wait longer than a person would. */
const WAIT_S_MAX = 1800

/**
 * Signs a person in by device code (RFC 8628): shows where to go and what to type, and asks until
 * the person has done it. Rejects with PROVIDER_UNAVAILABLE, or CREDENTIAL_MISSING when refused.
 */
export async function signIn(
  facts: SignInFacts,
  ca: string | undefined,
  io: Io,
): Promise<KeptToken> {
  const post = poster(ca)
  const endpoints = discoverySchema.safeParse(
    await get(`${facts.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, ca),
  )
  if (!endpoints.success) throw unavailable('It offers no sign-in by device code.')
  const begun = deviceSchema.safeParse(
    await post(endpoints.data.device_authorization_endpoint, {
      client_id: facts.clientId,
      scope: facts.scope,
    }),
  )
  if (!begun.success) throw unavailable('It did not begin a sign-in.')
  const device = begun.data
  io.err.write(`Open ${safe(device.verification_uri)} and type ${safe(device.user_code)}\n`)
  return poll(
    () =>
      post(endpoints.data.token_endpoint, {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        client_id: facts.clientId,
        device_code: device.device_code,
      }),
    device,
    io,
  )
}

async function poll(
  ask: () => Promise<unknown>,
  device: z.output<typeof deviceSchema>,
  io: Io,
): Promise<KeptToken> {
  const deadline_ms = io.clock.now_ms() + Math.min(device.expires_in, WAIT_S_MAX) * 1000
  let interval_s = device.interval
  while (io.clock.now_ms() < deadline_ms) {
    await io.sleep(interval_s * 1000)
    const answer = await ask()
    const token = tokenSchema.safeParse(answer)
    if (token.success) {
      const expiresAt_ms = io.clock.now_ms() + token.data.expires_in * 1000
      return { token: token.data.access_token, expiresAt_ms }
    }
    const error = errorSchema.safeParse(answer).data?.error ?? 'unknown'
    if (error === 'slow_down') interval_s += SLOW_DOWN_S
    else if (error !== 'authorization_pending') throw refused(error)
  }
  throw refused('expired_token')
}

function poster(ca: string | undefined) {
  return (address: string, form: Readonly<Record<string, string>>): Promise<unknown> =>
    exchange('POST', address, ca, new URLSearchParams(form).toString())
}

function get(address: string, ca: string | undefined): Promise<unknown> {
  return exchange('GET', address, ca)
}

/** The answer's JSON whatever its status: errors of RFC 6749 come with 400. */
async function exchange(
  method: string,
  address: string,
  ca: string | undefined,
  body?: string,
): Promise<unknown> {
  if (!URL.canParse(address) || !mayCarrySecrets(new URL(address))) {
    throw unavailable('One of its addresses is not https.')
  }
  try {
    const response = await send({
      method,
      url: new URL(address),
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(body === undefined ? {} : { body }),
      ...(ca === undefined ? {} : { ca }),
    })
    return JSON.parse(response.text) as unknown
  } catch (error) {
    throw unavailable('It cannot be reached, or its answer cannot be read.', error)
  }
}

function unavailable(message: string, cause?: unknown): ChaperoneError {
  return new ChaperoneError('PROVIDER_UNAVAILABLE', `The identity provider: ${message}`, {
    cause,
    hint: 'Try again; if it stays so, ask who runs the gateway.',
  })
}

function refused(error: string): ChaperoneError {
  return new ChaperoneError('CREDENTIAL_MISSING', `The sign-in did not succeed: ${error}.`, {
    hint: 'Run `chaperone login` again.',
  })
}
