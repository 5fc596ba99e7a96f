import type { ObjectPath } from '../../../core/object.ts'
import type { Asked } from './operation.ts'

/** What is remembered of a request for its answer. */
export interface KubernetesNote {
  /** Absent for paths that are no resource. */
  readonly asked?: Asked
  /** Of those, what may tell something. */
  readonly other?: ObjectPath
  readonly sent: Sent
}

/** The request itself, for what is asked of the cluster about it. */
export interface Sent {
  readonly agent: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly contentType: string
  readonly isDryRun: boolean
  /** Of `exec` and `attach`: keys are typed. */
  readonly isTerminal: boolean
  /** Of `exec`: files are copied, so that input or output is an archive. */
  readonly isArchive: boolean
  /** Of `log`: the answer ends in the middle of whatever is there. */
  readonly isCut: boolean
  /** Of `portforward`, where the query names them. */
  readonly ports: readonly string[]
}
