import { parentPort } from 'node:worker_threads'
import { asChaperoneError } from '../../core/errors.ts'
import { sealSegment } from './seal.ts'

/** What the worker is asked, one at a time, and what it answers. */
export interface SealJob {
  readonly folder: string
  readonly id: string
}

export type SealAnswer =
  | { readonly type: 'sealed'; readonly id: string; readonly sha256: string; readonly torn: number }
  | {
      readonly type: 'failed'
      readonly id: string
      readonly code: string
      readonly message: string
    }

parentPort?.on('message', (job: SealJob) => {
  parentPort?.postMessage(answer(job), [])
})

function answer({ folder, id }: SealJob): SealAnswer {
  try {
    const footer = sealSegment(folder, id)
    return { type: 'sealed', id, sha256: footer.sha256, torn: footer.tornBytes }
  } catch (error) {
    const known = asChaperoneError(error, 'RECORD_UNAVAILABLE', String(error))
    return { type: 'failed', id, code: known.code, message: known.message }
  }
}
