import { compactVerify } from 'jose'
import type { Clock } from '../../core/clock.ts'
import type { Code } from '../../core/codes.ts'
import { ChaperoneError } from '../../core/errors.ts'
import { parseStrictObject } from './json.ts'
import type { KeyCache, VerificationKey } from './key-cache.ts'
import { CLOCK_SKEW_MS, KEY_ID_LENGTH_MAX, TOKEN_BYTES_MAX } from './limits.ts'

export type Claims = Readonly<Record<string, unknown>>

/** A token that was taken apart. Nothing in it is true before `verifySignature` says so. */
export interface ParsedToken {
  readonly text: string
  readonly header: Claims
  readonly claims: Claims
}

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/

/** Parameters that bring a key or change what is signed (RFC 7515 section 4.1, RFC 7797). */
const UNWANTED_PARAMETERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit', 'b64', 'zip']

/** Takes a compact JWS with a JSON payload apart. Throws CREDENTIAL_MALFORMED or TOKEN_TOO_LARGE. */
export function parseToken(text: string): ParsedToken {
  if (text.length > TOKEN_BYTES_MAX) throw tokenError('TOKEN_TOO_LARGE', 'The token is too large.')
  if (!COMPACT.test(text)) throw malformed('The credential is neither a token nor a ticket.')
  const [header, claims, signature] = text.split('.').map(decodeExactly)
  const parsedHeader = header && parseStrictObject(header)
  const parsedClaims = claims && parseStrictObject(claims)
  if (!parsedHeader || !parsedClaims || !signature) throw malformed('The token cannot be read.')
  if (UNWANTED_PARAMETERS.some((name) => Object.hasOwn(parsedHeader, name))) {
    throw malformed('The token has a header parameter that is not accepted.')
  }
  return { text, header: parsedHeader, claims: parsedClaims }
}

/** One text for one value: what decodes the same but is spelled otherwise is refused. */
function decodeExactly(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : undefined
}

export interface SignatureTerms {
  readonly keys: KeyCache
  readonly algorithms: readonly string[]
  /** Accepted `typ` values, lower case; a token without `typ` is a JWT. */
  readonly types: readonly string[]
}

/** Throws TOKEN_ALGORITHM, TOKEN_TYPE, TOKEN_KEY_UNKNOWN, TOKEN_SIGNATURE, PROVIDER_UNAVAILABLE. */
export async function verifySignature(
  token: ParsedToken,
  { keys, algorithms, types }: SignatureTerms,
): Promise<VerificationKey> {
  const { alg, kid, typ = 'JWT' } = token.header
  if (typeof alg !== 'string' || !algorithms.includes(alg)) {
    throw tokenError('TOKEN_ALGORITHM', 'The token is signed in a way that is not accepted.')
  }
  if (typeof typ !== 'string' || !types.includes(typ.toLowerCase())) {
    throw tokenError('TOKEN_TYPE', 'The token is not an access token.')
  }
  if (typeof kid !== 'string' || kid === '' || kid.length > KEY_ID_LENGTH_MAX) {
    throw tokenError('TOKEN_KEY_UNKNOWN', 'The token does not name its key.')
  }
  const key = await keys.find(kid, alg)
  try {
    await compactVerify(token.text, key.key, { algorithms: [alg] })
  } catch (error) {
    throw tokenError('TOKEN_SIGNATURE', 'The signature of the token is wrong.', error)
  }
  return key
}

export interface TokenTimes {
  readonly issuedAt_ms: number
  readonly expiresAt_ms: number
}

/**
 * `exp` and `iat` are needed, `nbf` is heeded (RFC 7519 section 4.1). Throws TOKEN_CLAIM_MISSING,
 * TOKEN_EXPIRED, TOKEN_NOT_YET_VALID or TOKEN_TOO_OLD.
 */
export function checkTimes(claims: Claims, clock: Clock, ageMax_ms: number): TokenTimes {
  const now_ms = clock.now_ms()
  const expiresAt_ms = timeClaim(claims, 'exp')
  const issuedAt_ms = timeClaim(claims, 'iat')
  const validFrom_ms = claims['nbf'] === undefined ? issuedAt_ms : timeClaim(claims, 'nbf')
  if (expiresAt_ms <= now_ms - CLOCK_SKEW_MS) {
    throw tokenError('TOKEN_EXPIRED', 'The token has expired.')
  }
  if (Math.max(issuedAt_ms, validFrom_ms) > now_ms + CLOCK_SKEW_MS) {
    throw tokenError('TOKEN_NOT_YET_VALID', 'The token is not valid yet.')
  }
  if (issuedAt_ms < now_ms - ageMax_ms - CLOCK_SKEW_MS) {
    throw tokenError('TOKEN_TOO_OLD', 'The token was issued too long ago.')
  }
  return { issuedAt_ms, expiresAt_ms }
}

/** Seconds since the epoch as milliseconds. */
function timeClaim(claims: Claims, name: string): number {
  const value = claims[name]
  if (
    typeof value !== 'number' ||
    !(value > 0) ||
    !Number.isSafeInteger(Math.floor(value * 1000))
  ) {
    throw claimMissing(name)
  }
  return value * 1000
}

/**
 * A token that is also meant for others could have been taken from one of them, so a list of
 * several audiences is refused unless the provider cannot do otherwise. Throws TOKEN_AUDIENCE.
 */
export function checkAudience(
  claims: Claims,
  audiences: readonly string[],
  othersToo: boolean = false,
): void {
  const claimed: unknown[] = Array.isArray(claims['aud']) ? claims['aud'] : [claims['aud']]
  const ours = claimed.filter((one) => typeof one === 'string' && audiences.includes(one))
  if (ours.length === 0 || (claimed.length > 1 && !othersToo)) {
    throw tokenError('TOKEN_AUDIENCE', 'The token is meant for someone else.')
  }
}

const HINTS: Partial<Record<Code, string>> = {
  TOKEN_AUDIENCE: "Ask the identity provider for a token for this gateway's application.",
  TOKEN_EXPIRED: 'Get a new token and connect again.',
  TOKEN_TOO_OLD: 'Get a new token and connect again.',
  TOKEN_NOT_YET_VALID: 'Compare the clocks of this machine and of the identity provider.',
  TOKEN_ISSUER: 'Use a token of a provider that the gateway is configured for.',
  TOKEN_TYPE: 'Present a bearer access token, not an ID token or a token bound to a key.',
}

/** An error about a token; its hint depends on the code alone. */
export function tokenError(code: Code, message: string, cause?: unknown): ChaperoneError {
  const hint = HINTS[code] ?? 'Get a new token from the configured identity provider.'
  return new ChaperoneError(code, message, { hint, cause })
}

export function claimMissing(name: string, hint?: string): ChaperoneError {
  return new ChaperoneError(
    'TOKEN_CLAIM_MISSING',
    `The claim "${name}" is missing from the token, or malformed.`,
    { hint: hint ?? 'Check which claims the identity provider puts into access tokens.' },
  )
}

function malformed(message: string): ChaperoneError {
  return new ChaperoneError('CREDENTIAL_MALFORMED', message, {
    hint: 'Present an access token, a gateway token or a ticket, whole and unchanged.',
  })
}
