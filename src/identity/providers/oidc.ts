import type { SteadyClock } from '../../core/clock.ts'
import { ChaperoneError } from '../../core/errors.ts'
import { optionalText, textClaim, textsClaim, tokenIdOf, valueClaim } from '../tokens/claims.ts'
import type { Identity, Provider } from '../tokens/identity.ts'
import type { JsonClient } from '../tokens/json-client.ts'
import { createJsonClient, safeUrl } from '../tokens/json-client.ts'
import { isRecord } from '../tokens/json.ts'
import { createKeyCache, publishedKeys } from '../tokens/key-cache.ts'
import { TOKEN_AGE_MAX_MS } from '../tokens/limits.ts'
import type { Claims } from '../tokens/token.ts'
import {
  checkAudience,
  checkTimes,
  claimMissing,
  tokenError,
  verifySignature,
} from '../tokens/token.ts'

const OIDC_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const

type OidcAlgorithm = (typeof OIDC_ALGORITHMS)[number]

/** A claim's name, or the names on the way to it: `['realm_access', 'roles']`. */
type ClaimPath = string | readonly string[]

/** How to tell an agent's token from a person's: all are one kind, or a claim's value says it. */
type KindRule =
  | 'agent'
  | 'human'
  | {
      readonly claim: ClaimPath
      readonly agent: readonly string[]
      readonly human: readonly string[]
    }

export interface OidcOptions {
  /** Exactly as in `iss`. */
  readonly issuer: string
  readonly audience: string | readonly string[]
  /** What registered agents name as their tenant; default the issuer. */
  readonly tenant?: string
  /** Default: from the issuer's discovery document (OpenID Connect Discovery 1.0 section 4). */
  readonly jwksUri?: string
  readonly claims?: {
    readonly objectId?: string
    readonly appId?: string
    readonly groups?: ClaimPath
    readonly roles?: ClaimPath
    readonly name?: string
  }
  /** Default `agent`: all are agents, and nobody is until registered. */
  readonly kind?: KindRule
  /** Default RS256, PS256 and ES256. */
  readonly algorithms?: readonly OidcAlgorithm[]
  /** Default `JWT` and `at+jwt`. */
  readonly types?: readonly string[]
  /** Accept a token that is also meant for others; default false. */
  readonly otherAudiencesToo?: boolean
  readonly maxAge_ms?: number
  readonly ca?: string | Buffer
  readonly ask?: JsonClient
}

/** Any OpenID Connect provider, by configuration. */
export function createOidcProvider(options: OidcOptions, clock: SteadyClock): Provider {
  const ask = options.ask ?? createJsonClient(options.ca === undefined ? {} : { ca: options.ca })
  const { issuer, kind = 'agent' } = options
  const algorithms = options.algorithms ?? ['RS256', 'PS256', 'ES256']
  if (!algorithms.every((one) => OIDC_ALGORITHMS.includes(one))) {
    throw new ChaperoneError('CONFIG_INVALID', 'Only asymmetric signatures are accepted.')
  }
  safeUrl(options.jwksUri ?? issuer)
  const keys = createKeyCache(async () => {
    const uri = options.jwksUri ?? (await discoverKeys(issuer, ask))
    return publishedKeys(await ask(uri))
  }, clock)
  const types = (options.types ?? ['JWT', 'at+jwt']).map((type) => type.toLowerCase())

  return {
    issuers: [issuer],
    async verify(token) {
      const { claims } = token
      await verifySignature(token, { keys, algorithms, types })
      if (claims['iss'] !== issuer) throw tokenError('TOKEN_ISSUER', 'The issuer is not trusted.')
      checkAudience(claims, [options.audience].flat(), options.otherAudiencesToo)
      const times = checkTimes(claims, clock, options.maxAge_ms ?? TOKEN_AGE_MAX_MS)
      refuseOtherTypes(claims)
      const objectId = textClaim(claims, options.claims?.objectId ?? 'sub')
      const appId = optionalText(claims, options.claims?.appId ?? 'azp')
      return {
        kind: kindOf(claims, kind),
        tenant: options.tenant ?? issuer,
        objectId,
        ...(appId === undefined ? {} : { appId }),
        name: optionalText(claims, options.claims?.name ?? 'name') ?? objectId,
        groups: textsClaim(claims, options.claims?.groups ?? 'groups'),
        roles: textsClaim(claims, options.claims?.roles ?? 'roles'),
        tokenId: tokenIdOf(token.text, optionalText(claims, 'jti')),
        ...times,
      }
    },
    groups: (identity) => Promise.resolve(identity.groups === 'elsewhere' ? [] : identity.groups),
  }
}

async function discoverKeys(issuer: string, ask: JsonClient): Promise<string> {
  const { body } = await ask(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  const uri = isRecord(body) && body['issuer'] === issuer ? body['jwks_uri'] : undefined
  if (typeof uri !== 'string') throw new Error('the discovery document is for another issuer')
  return uri
}

/** ID tokens (OpenID Connect Core 1.0 section 2) and tokens bound to a key (RFC 7800). */
function refuseOtherTypes(claims: Claims): void {
  const telling = ['nonce', 'at_hash', 'c_hash', 'cnf'].find((name) => Object.hasOwn(claims, name))
  if (telling === undefined) return
  throw tokenError('TOKEN_TYPE', `The claim "${telling}" belongs to another type of token.`)
}

function kindOf(claims: Claims, rule: KindRule): Identity['kind'] {
  if (typeof rule === 'string') return rule
  const value = valueClaim(claims, rule.claim)
  if (value !== undefined && rule.agent.includes(value)) return 'agent'
  if (value !== undefined && rule.human.includes(value)) return 'human'
  throw claimMissing(String(rule.claim), 'The claim must say whether this is an agent or a person.')
}
