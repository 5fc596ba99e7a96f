import type { ParsedToken } from './token.ts'

/** Who a verified token is about, before anyone asked whether they are registered. */
export interface Identity {
  readonly kind: 'agent' | 'human'
  readonly tenant: string
  /**
   * The caller's own object id. Absent for an agent that acts for a user: such a token holds the
   * user's object id, and of the agent only its `appId`.
   */
  readonly objectId?: string
  readonly appId?: string
  /** The blueprint of an Entra agent identity. */
  readonly parentAppId?: string
  /** For people to read; nothing is decided by it. */
  readonly name: string
  /** `elsewhere`: there are more than fit into the token; ask the provider. */
  readonly groups: readonly string[] | 'elsewhere'
  readonly roles: readonly string[]
  readonly tokenId: string
  readonly issuedAt_ms: number
  readonly expiresAt_ms: number
  readonly delegation?: { readonly objectId: string; readonly name?: string }
}

/** One trusted issuer of tokens. */
export interface Provider {
  /** What `iss` of its tokens can be, exactly. */
  readonly issuers: readonly string[]
  /** Rejects with the code that says what is wrong with the token. */
  verify(token: ParsedToken): Promise<Identity>
  /** All groups of a verified identity. Rejects with TOKEN_GROUPS_UNAVAILABLE. */
  groups(identity: Identity): Promise<readonly string[]>
}
