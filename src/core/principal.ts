import type { ResourceType } from './resource.ts'

/** A registered non-human principal. */
export interface Agent {
  /** Unique, human-readable: `etl-nightly`. */
  readonly name: string
  readonly tenant: string
  /** Entra object id of the service principal, or the `sub` of another provider. */
  readonly objectId: string
  readonly appId?: string
  readonly owner: string
  readonly purpose: string
  readonly labels: Readonly<Record<string, string>>
  readonly expiresAt_ms?: number
  readonly disabled: boolean
}

/** A verified caller: the agent and what its credential said, for the length of one session. */
export interface Principal {
  readonly agent: Agent
  readonly groups: readonly string[]
  readonly roles: readonly string[]
  /** How it proved itself. */
  readonly via: 'token' | 'gateway-token' | 'ticket'
  /** The token's own id (`uti` or `jti`), which joins to the provider's sign-in logs. */
  readonly tokenId: string
  readonly tokenExpiresAt_ms: number
  /** Present when a ticket or gateway token is good for one resource only. */
  readonly onlyResource?: string
  /** Present when a gateway token was asked for one of Azure's services: good for such resources only. */
  readonly onlyTypes?: readonly ResourceType[]
  /** The user on whose behalf the agent acts, where the token says so. */
  readonly delegation?: { readonly objectId: string; readonly name?: string }
}

/** A verified person: an approver, reviewer, auditor or administrator. Never an agent. */
export interface Human {
  readonly tenant: string
  readonly objectId: string
  readonly name: string
  readonly groups: readonly string[]
  readonly roles: readonly HumanRole[]
}

export type HumanRole = 'admin' | 'approver' | 'reviewer' | 'auditor'
