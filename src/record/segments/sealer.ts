import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Log } from '../../core/log.ts'
import type { SealAnswer, SealJob } from './seal-worker.ts'

/** Seals closed segments in a worker thread, one after the other, oldest first. */
export interface Sealer {
  seal(segmentId: string): void
  /** Resolves once all that was asked is sealed or given up, and the thread has ended. */
  close(): Promise<void>
}

export interface SealedSegment {
  readonly id: string
  readonly sha256: string
}

/** A segment that cannot be sealed stays a readable live file, and is tried again at the next start. */
export function createSealer(
  folder: string,
  log: Log,
  sealed: (segment: SealedSegment) => void,
): Sealer {
  const waiting: string[] = []
  let worker: Worker | undefined
  let current: string | undefined
  let idle = Promise.withResolvers<void>()
  idle.resolve()

  function next(): void {
    if (current !== undefined) return
    current = waiting.shift()
    if (current === undefined) {
      worker?.unref()
      idle.resolve()
      return
    }
    worker ??= startWorker()
    worker.ref()
    worker.postMessage({ folder, id: current } satisfies SealJob, [])
  }

  function startWorker(): Worker {
    const started = new Worker(new URL('seal-worker.ts', import.meta.url))
    started.on('message', (answer: SealAnswer) => {
      if (answer.type === 'sealed') {
        if (answer.torn > 0) log.warn('records.torn', { segment: answer.id, bytes: answer.torn })
        sealed({ id: answer.id, sha256: answer.sha256 })
      } else {
        log.error('records.unsealed', {
          segment: answer.id,
          code: answer.code,
          why: answer.message,
        })
      }
      finished()
    })
    started.on('error', (error) => {
      log.error('records.unsealed', { segment: current, why: error.message })
      worker = undefined
      finished()
    })
    return started
  }

  function finished(): void {
    current = undefined
    next()
  }

  return {
    seal(segmentId) {
      if (current === undefined && waiting.length === 0) idle = Promise.withResolvers()
      waiting.push(segmentId)
      next()
    },
    async close() {
      await idle.promise
      if (worker === undefined) return
      const ended = once(worker, 'exit')
      await worker.terminate()
      await ended
    },
  }
}
