import type { Resource } from '../../../core/resource.ts'
import type { SessionLife } from '../../../session/governed.ts'
import type { HttpApi, TargetAuthority } from '../api.ts'
import type { TargetPool } from './pool.ts'

/** A resource behind the HTTP door. */
export interface HttpResource {
  readonly resource: Resource
  readonly life: SessionLife
  /** One; a storage account has one for each of its services. */
  readonly endpoints: readonly HttpEndpoint[]
}

/** One API of a resource, and the way to its target. */
export interface HttpEndpoint {
  readonly resource: Resource
  readonly life: SessionLife
  /** `blob`: after the resource's name in hosts and paths. Absent where there is only one. */
  readonly label?: string
  /** Host names that choose it; absent: those that begin with its name. */
  readonly hosts?: readonly string[]
  // oxlint-disable-next-line typescript/no-explicit-any -- what an API remembers is its own
  readonly api: HttpApi<any>
  /** What the target is called in `host`. */
  readonly targetHost: string
  readonly authority: TargetAuthority
  readonly pool: TargetPool
}
