import { randomBytes, randomUUID } from 'node:crypto'
import type { JWTHeaderParameters, JWTPayload } from 'jose'

/** Entra names at most this many groups in a JWT. */
const GROUPS_IN_TOKEN_MAX = 200

/** What a token shall say; whatever is left out is as an ordinary token has it. */
export interface TokenSpec {
  /** `agent-for-user`: delegated, the actor is an agent identity. */
  readonly kind: 'app' | 'user' | 'agent-identity' | 'agent-for-user'
  readonly audience: string
  readonly version?: 1 | 2
  /** Of the subject: the service principal, or the user. */
  readonly objectId?: string
  /** Of the client. */
  readonly appId?: string
  readonly parentAppId?: string
  readonly name?: string
  readonly groups?: readonly string[]
  readonly roles?: readonly string[]
  readonly scopes?: string
  readonly expiresIn_s?: number
  readonly issuedAgo_s?: number
  /** Says "elsewhere" instead of naming groups. */
  readonly overage?: boolean
  /** Replaces claims; `undefined` takes one out. */
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Partial<JWTHeaderParameters>
}

export interface ClaimsContext {
  readonly tenant: string
  readonly authority: string
  readonly graphUrl: string
  readonly now_s: number
}

export function buildClaims(spec: TokenSpec, context: ClaimsContext): JWTPayload {
  const { tenant, authority } = context
  const version = spec.version ?? 2
  const objectId = spec.objectId ?? randomUUID()
  const issuedAt_s = context.now_s - (spec.issuedAgo_s ?? 0)
  const all = {
    aud: spec.audience,
    iss: version === 1 ? `https://sts.windows.net/${tenant}/` : `${authority}/${tenant}/v2.0`,
    iat: issuedAt_s,
    nbf: issuedAt_s,
    exp: issuedAt_s + (spec.expiresIn_s ?? 3600),
    oid: objectId,
    tid: tenant,
    uti: randomBytes(16).toString('base64url'),
    ver: version === 1 ? '1.0' : '2.0',
    ...clientClaims(spec, version),
    ...subjectClaims(spec, version, objectId),
    ...groupClaims(spec, context, objectId),
    ...(spec.roles === undefined || spec.roles.length === 0 ? {} : { roles: spec.roles }),
    ...spec.claims,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function clientClaims({ appId = randomUUID() }: TokenSpec, version: 1 | 2): object {
  return version === 1 ? { appid: appId, appidacr: '1' } : { azp: appId, azpacr: '1' }
}

function subjectClaims(spec: TokenSpec, version: 1 | 2, objectId: string): object {
  const parent = spec.parentAppId ?? randomUUID()
  const actor = { xms_act_fct: '3 9 11', xms_par_app_azp: parent }
  switch (spec.kind) {
    case 'app':
      return { sub: objectId, idtyp: 'app' }
    case 'agent-identity':
      return { sub: objectId, idtyp: 'app', ...actor, xms_sub_fct: '9 3 11' }
    case 'agent-for-user':
      return { ...userClaims(spec, version), idtyp: 'user', ...actor, xms_sub_fct: '3 5' }
    case 'user':
      return userClaims(spec, version)
    default:
      return {}
  }
}

/** A user's `sub` is another for every app. */
function userClaims({ name = 'A. Person', scopes }: TokenSpec, version: 1 | 2): object {
  const userName = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.')}@emulator.example`
  return {
    sub: randomBytes(32).toString('base64url'),
    name,
    scp: scopes ?? 'access',
    ...(version === 1
      ? { upn: userName, unique_name: userName }
      : { preferred_username: userName }),
  }
}

function groupClaims(
  spec: TokenSpec,
  { graphUrl, tenant }: ClaimsContext,
  objectId: string,
): object {
  const groups = spec.groups ?? []
  if (spec.overage !== true && groups.length <= GROUPS_IN_TOKEN_MAX) {
    return groups.length === 0 ? {} : { groups }
  }
  const endpoint = `${graphUrl}/${tenant}/users/${objectId}/getMemberObjects`
  return { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint } } }
}
