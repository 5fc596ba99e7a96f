import type { Clock } from '../../core/clock.ts'
import { newId } from '../../core/ids.ts'
import type { Principal } from '../../core/principal.ts'
import { optionalText, textClaim, textsClaim } from './claims.ts'
import { isRecord } from './json.ts'
import { GATEWAY_TOKEN_LIFETIME_MAX_MS } from './limits.ts'
import type { Service } from './services.ts'
import { SERVICES } from './services.ts'
import type { SigningKeys } from './signing-keys.ts'
import type { Snapshot } from './snapshot.ts'
import type { Claims, ParsedToken } from './token.ts'
import { checkAudience, checkTimes, tokenError, verifySignature } from './token.ts'

/** RFC 9068 section 2.1. */
const TYPE = 'at+jwt'

/** Access tokens that this gateway issues, good at this gateway alone. */
export interface GatewayTokens {
  readonly issuer: string
  issue(grant: GatewayGrant): Promise<string>
  /** Rejects with the same codes as a provider's token. */
  verify(token: ParsedToken): Promise<Snapshot>
}

interface GatewayGrant {
  readonly principal: Principal
  readonly resource?: string
  /** What the client asked for: `https://storage.azure.com/.default`. */
  readonly scope?: string
  /** The service that the scope is of: the token is good for such resources alone. */
  readonly service?: Service
  readonly expiresAt_ms: number
}

export function createGatewayTokens(options: {
  /** What `iss` is, and `aud` begins with: nobody else shall accept such a token. */
  readonly issuer: string
  readonly keys: SigningKeys
  readonly clock: Clock
}): GatewayTokens {
  const { issuer, keys, clock } = options
  return {
    issuer,
    issue: ({ principal, resource, scope, service, expiresAt_ms }) => {
      const { agent, delegation } = principal
      const now_s = Math.floor(clock.now_ms() / 1000)
      const claims = {
        iss: issuer,
        aud: service === undefined ? issuer : audienceOf(issuer, service),
        sub: agent.objectId,
        // Tools read these from any token that they get.
        oid: agent.objectId,
        tid: agent.tenant,
        ...(agent.appId === undefined ? {} : { appid: agent.appId }),
        idtyp: 'app',
        agent: agent.name,
        groups: [...principal.groups],
        roles: [...principal.roles],
        ...(resource === undefined ? {} : { resource }),
        ...(scope === undefined ? {} : { scope }),
        ...(delegation === undefined ? {} : { delegation }),
        uti: principal.tokenId,
        jti: newId(clock.now_ms()),
        iat: now_s,
        nbf: now_s,
        exp: Math.floor(expiresAt_ms / 1000),
      }
      return keys.sign(claims, TYPE)
    },
    async verify(token) {
      const { claims } = token
      await verifySignature(token, {
        keys: keys.verification,
        algorithms: ['ES256'],
        types: [TYPE],
      })
      if (claims['iss'] !== issuer) throw tokenError('TOKEN_ISSUER', 'The issuer is not trusted.')
      const service = SERVICES.find((one) => claims['aud'] === audienceOf(issuer, one))
      if (service === undefined) checkAudience(claims, [issuer])
      const times = checkTimes(claims, clock, GATEWAY_TOKEN_LIFETIME_MAX_MS)
      return { ...snapshotOf(claims, times), ...(service === undefined ? {} : { service }) }
    },
  }
}

/** Another gateway, with another issuer, takes none of them. */
function audienceOf(issuer: string, service: Service): string {
  return `${issuer}/${service}`
}

function snapshotOf(
  claims: Claims,
  times: Pick<Snapshot, 'issuedAt_ms' | 'expiresAt_ms'>,
): Snapshot {
  const resource = optionalText(claims, 'resource')
  const delegation = claims['delegation']
  return {
    tenant: textClaim(claims, 'tid'),
    objectId: textClaim(claims, 'oid'),
    groups: textsClaim(claims, 'groups'),
    roles: textsClaim(claims, 'roles'),
    tokenId: textClaim(claims, 'uti'),
    ...(resource === undefined ? {} : { resource }),
    ...(isRecord(delegation) ? { delegation: readDelegation(delegation) } : {}),
    ...times,
  }
}

function readDelegation(delegation: Claims): NonNullable<Snapshot['delegation']> {
  const name = optionalText(delegation, 'name')
  return { objectId: textClaim(delegation, 'objectId'), ...(name === undefined ? {} : { name }) }
}
