import type { MaskKeys } from '../../../../mask/maskers.ts'
import type { Challenge } from '../../shared/challenge.ts'
import type { Origin } from '../../shared/stored-links.ts'
import type { Batch } from './batch.ts'
import type { StorageService } from './call.ts'
import type { Deed } from './deed.ts'

/** One endpoint of one storage account: its blobs, its queues or its tables. */
export interface StorageOptions {
  readonly account: string
  readonly service: StorageService
  /** The target's host as it is dialled, and its path prefix where it has path-style addresses. */
  readonly target: Origin
  readonly challenge: Challenge
  readonly maskKeys: MaskKeys
}

/** What is remembered of a request until its answer. */
export interface StorageNote {
  readonly deed: Deed
  readonly batch?: Batch
}
