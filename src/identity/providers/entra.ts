import type { SteadyClock } from '../../core/clock.ts'
import { ChaperoneError } from '../../core/errors.ts'
import {
  guidClaim,
  isGuid,
  optionalText,
  textClaim,
  textsClaim,
  tokenIdOf,
} from '../tokens/claims.ts'
import type { Identity, Provider } from '../tokens/identity.ts'
import type { JsonClient } from '../tokens/json-client.ts'
import { createJsonClient, safeUrl } from '../tokens/json-client.ts'
import { isRecord } from '../tokens/json.ts'
import { createKeyCache, publishedKeys } from '../tokens/key-cache.ts'
import { TOKEN_AGE_MAX_MS } from '../tokens/limits.ts'
import type { Claims, ParsedToken } from '../tokens/token.ts'
import {
  checkAudience,
  checkTimes,
  claimMissing,
  tokenError,
  verifySignature,
} from '../tokens/token.ts'
import { createGraphGroups } from './graph.ts'

export interface EntraOptions {
  /** Tenant id, a GUID: `common` and the like would trust every tenant. */
  readonly tenant: string
  /** The gateway's application: its client id (v2 tokens) and its app id URI (v1 tokens). */
  readonly audience: string | readonly string[]
  /** Default `https://login.microsoftonline.com`. */
  readonly authority?: string
  /** Default `https://graph.microsoft.com`. */
  readonly graph?: string
  /** Default `https://sts.windows.net`; sovereign clouds have their own. */
  readonly issuerV1?: string
  /** Tokens issued longer ago are refused; default a day. */
  readonly maxAge_ms?: number
  /** Whether an app token must say `idtyp=app`; default true. See docs/identity.md. */
  readonly requireIdtyp?: boolean
  /** Take groups from the token, or always ask Graph; default `token`. */
  readonly groupsFrom?: 'token' | 'graph'
  /** An app token for Graph. Without it groups that are not in a token cannot be had. */
  readonly graphToken?: () => Promise<string>
  /** PEM of the authority that signs the provider's certificate; default the system's. */
  readonly ca?: string | Buffer
  /** In place of `ca`, for tests: how the provider is asked. */
  readonly ask?: JsonClient
}

const ALGORITHMS = ['RS256', 'PS256']
const TYPES = ['jwt', 'at+jwt']

/** Facets in `xms_act_fct` and `xms_sub_fct`, lists of numbers between blanks. */
const AGENT_IDENTITY = '11'
const AGENT_USER = '13'

/** Microsoft Entra ID, one tenant; access tokens of version 1 and 2. */
export function createEntraProvider(options: EntraOptions, clock: SteadyClock): Provider {
  const tenant = options.tenant.toLowerCase()
  if (!isGuid(tenant)) {
    throw new ChaperoneError('CONFIG_INVALID', 'The tenant must be a tenant id (a GUID).')
  }
  const ask = options.ask ?? createJsonClient(options.ca === undefined ? {} : { ca: options.ca })
  const authority = baseUrl(options.authority ?? 'https://login.microsoftonline.com')
  const graph = baseUrl(options.graph ?? 'https://graph.microsoft.com')
  const issuers = {
    '1.0': `${options.issuerV1 ?? 'https://sts.windows.net'}/${tenant}/`,
    '2.0': `${authority}/${tenant}/v2.0`,
  }
  const audiences = [options.audience].flat()
  const keys = createKeyCache(
    async () => publishedKeys(await ask(`${authority}/${tenant}/discovery/v2.0/keys`)),
    clock,
  )
  const requireIdtyp = options.requireIdtyp ?? true

  return {
    issuers: Object.values(issuers),
    async verify(token) {
      const key = await verifySignature(token, { keys, algorithms: ALGORITHMS, types: TYPES })
      const version = checkIssuer(token.claims, issuers)
      checkTenant(token.claims, tenant, Object.values(issuers), key.issuer)
      checkAudience(token.claims, audiences)
      const times = checkTimes(token.claims, clock, options.maxAge_ms ?? TOKEN_AGE_MAX_MS)
      if (token.claims['cnf'] !== undefined) {
        throw tokenError('TOKEN_TYPE', 'The token is bound to a key, which cannot be proven here.')
      }
      const groups = options.groupsFrom === 'graph' ? 'elsewhere' : groupsOf(token.claims)
      return { ...callerOf(token, version, requireIdtyp, groups), tenant, ...times }
    },
    groups: createGraphGroups({
      graph,
      ask,
      clock,
      ...(options.graphToken === undefined ? {} : { graphToken: options.graphToken }),
    }),
  }
}

type Version = '1.0' | '2.0'

function baseUrl(text: string): string {
  return safeUrl(text).href.replace(/(?<!\/)\/+$/, '')
}

/** `ver` decides which claims are read, so it must be the version of the issuer. */
function checkIssuer(claims: Claims, issuers: Readonly<Record<Version, string>>): Version {
  const version = claims['ver']
  if (version !== '1.0' && version !== '2.0') throw claimMissing('ver')
  if (claims['iss'] !== issuers[version]) {
    throw tokenError('TOKEN_ISSUER', 'The issuer is not the one of this version of token.')
  }
  return version
}

/** The key's issuer may hold the place of the tenant open: `https://…/{tenantid}/v2.0`. */
function checkTenant(
  claims: Claims,
  tenant: string,
  issuers: readonly string[],
  keyIssuer: string | undefined,
): void {
  const agrees =
    guidClaim(claims, 'tid') === tenant &&
    (keyIssuer === undefined || issuers.includes(keyIssuer.replace('{tenantid}', tenant)))
  if (!agrees) throw tokenError('TOKEN_TENANT', 'Issuer, tenant and key of the token do not agree.')
}

/** More than 200 groups: `_claim_names` says so, with a URL that must not be followed. */
function groupsOf(claims: Claims): Identity['groups'] {
  const names = claims['_claim_names']
  const elsewhere = isRecord(names) && Object.hasOwn(names, 'groups')
  return elsewhere || claims['hasgroups'] !== undefined ? 'elsewhere' : textsClaim(claims, 'groups')
}

function callerOf(
  token: ParsedToken,
  version: Version,
  requireIdtyp: boolean,
  groups: Identity['groups'],
): Omit<Identity, 'tenant' | 'issuedAt_ms' | 'expiresAt_ms'> {
  const { claims } = token
  const objectId = guidClaim(claims, 'oid')
  const appId = guidClaim(claims, version === '1.0' ? 'appid' : 'azp')
  const tokenId = tokenIdOf(token.text, optionalText(claims, 'uti'), optionalText(claims, 'jti'))
  const roles = textsClaim(claims, 'roles')
  const parent =
    claims['xms_par_app_azp'] === undefined ? undefined : guidClaim(claims, 'xms_par_app_azp')
  const common = { appId, tokenId, ...(parent === undefined ? {} : { parentAppId: parent }) }

  if (isAppToken(claims, version, requireIdtyp)) {
    return { ...common, kind: 'agent', objectId, name: appId, groups, roles }
  }
  const name = personName(claims)
  if (actsAsAgent(claims)) {
    // Groups and roles in such a token are the user's, never the agent's.
    const delegation = { objectId, ...(name === undefined ? {} : { name }) }
    return { ...common, kind: 'agent', name: appId, groups: [], roles: [], delegation }
  }
  return { ...common, kind: 'human', objectId, name: name ?? objectId, groups, roles }
}

function isAppToken(claims: Claims, version: Version, requireIdtyp: boolean): boolean {
  const scopes = optionalText(claims, 'scp')
  const type = claims['idtyp']
  if (type === undefined && scopes === undefined) {
    if (!requireIdtyp && looksLikeApp(claims, version)) return true
    throw claimMissing(
      'idtyp',
      'Add the optional claim "idtyp" to access tokens of the gateway\'s app registration.',
    )
  }
  if (type === 'app' && claims['scp'] === undefined) return true
  if ((type === 'user' || type === undefined) && scopes !== undefined) return false
  throw tokenError('TOKEN_TYPE', 'The token is neither an app token nor a delegated access token.')
}

/** A user's `sub` is made for each pair of user and app, an app's is its object id. */
function looksLikeApp(claims: Claims, version: Version): boolean {
  const proof = claims[version === '1.0' ? 'appidacr' : 'azpacr']
  const personal = ['preferred_username', 'upn', 'unique_name', 'email', 'nonce']
  return (
    textClaim(claims, 'sub') === claims['oid'] &&
    (proof === '1' || proof === '2') &&
    personal.every((name) => claims[name] === undefined)
  )
}

/** Whether a delegated token's actor is an agent identity. */
function actsAsAgent(claims: Claims): boolean {
  const actor = facets(claims, 'xms_act_fct')
  const subject = facets(claims, 'xms_sub_fct')
  if (actor.includes(AGENT_IDENTITY)) return true
  if (subject.includes(AGENT_USER) || subject.includes(AGENT_IDENTITY)) {
    throw tokenError('TOKEN_TYPE', "An agent's user account without its agent as the actor.")
  }
  return false
}

function facets(claims: Claims, name: string): string[] {
  return claims[name] === undefined ? [] : textClaim(claims, name).split(' ')
}

function personName(claims: Claims): string | undefined {
  return (
    optionalText(claims, 'preferred_username') ??
    optionalText(claims, 'upn') ??
    optionalText(claims, 'name')
  )
}
