import type { MaskKeys } from '../../../mask/maskers.ts'
import type { LinkStore } from './links.ts'

/** What Resource Manager or Graph behind the gateway needs to know. */
export interface AzureOptions {
  /** The target's origin: `https://management.azure.com`. */
  readonly target: string
  /** Where agents get tokens: the gateway's own authority, for challenges. */
  readonly authority: string
  readonly links: LinkStore
  /** Ids of the subscriptions that requests may name; any, where it is absent. */
  readonly subscriptions?: readonly string[]
  readonly keys: MaskKeys
  /** Waits between two questions about a what-if. */
  readonly sleep: (ms: number) => Promise<void>
}
