import type { AgentId } from '../../store/agent-store.ts'
import type { Service } from './services.ts'

/** What an agent's token said when the gateway issued its own token or ticket for it. */
export interface Snapshot extends AgentId {
  readonly groups: readonly string[]
  readonly roles: readonly string[]
  /** Of the provider's token, so that sign-in logs can be joined. */
  readonly tokenId: string
  readonly issuedAt_ms: number
  readonly expiresAt_ms: number
  readonly resource?: string
  readonly service?: Service
  readonly delegation?: { readonly objectId: string; readonly name?: string }
}
