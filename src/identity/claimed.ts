import { TICKET_PREFIX } from './agents/tickets.ts'
import { optionalText } from './tokens/claims.ts'
import { parseToken } from './tokens/token.ts'

/** What a refused credential said of itself, for records. Nothing of it was proven. */
export interface Claimed {
  readonly credential: 'none' | 'ticket' | 'token' | 'unreadable'
  readonly issuer?: string
  readonly tenant?: string
  readonly objectId?: string
  readonly appId?: string
}

/** Never throws, and never repeats a part of the credential that could be used. */
export function claimedBy(credential: string): Claimed {
  if (credential === '') return { credential: 'none' }
  if (credential.startsWith(TICKET_PREFIX)) return { credential: 'ticket' }
  try {
    const { claims } = parseToken(credential)
    const issuer = optionalText(claims, 'iss')
    const tenant = optionalText(claims, 'tid')
    const objectId = optionalText(claims, 'oid') ?? optionalText(claims, 'sub')
    const appId = optionalText(claims, 'azp') ?? optionalText(claims, 'appid')
    return {
      credential: 'token',
      ...(issuer === undefined ? {} : { issuer }),
      ...(tenant === undefined ? {} : { tenant }),
      ...(objectId === undefined ? {} : { objectId }),
      ...(appId === undefined ? {} : { appId }),
    }
  } catch {
    return { credential: 'unreadable' }
  }
}
