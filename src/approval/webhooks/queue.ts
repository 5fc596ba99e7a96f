import { WEBHOOK_ACTIVE_MAX, WEBHOOK_QUEUE_MAX } from '../limits.ts'

/** Runs jobs for one receiver: a few at once, a bounded number waiting, each tried a few times. */
export interface DeliveryQueue {
  /** False when too many wait already, or after close. */
  add(job: DeliveryJob): boolean
  /** Takes no more, tries nothing again, and resolves when what is under way has ended. */
  close(): Promise<void>
}

export interface DeliveryJob {
  /** Never rejects. */
  attempt(): Promise<'done' | 'retry' | 'give-up'>
  /** Called once when it is given up. */
  failed(): void
}

interface Waiting {
  readonly job: DeliveryJob
  readonly attempts: number
}

/** `retry_ms`: the pauses between attempts; one more attempt than pauses. */
export function createDeliveryQueue(retry_ms: readonly number[]): DeliveryQueue {
  const ready: Waiting[] = []
  const pauses = new Map<NodeJS.Timeout, Waiting>()
  const enders: (() => void)[] = []
  let active = 0
  let closed = false

  function pump(): void {
    while (active < WEBHOOK_ACTIVE_MAX) {
      const next = ready.shift()
      if (next === undefined) break
      active += 1
      void next.job.attempt().then((result) => {
        active -= 1
        if (result === 'retry') again(next)
        else if (result === 'give-up') next.job.failed()
        pump()
      })
    }
    if (closed && active === 0) for (const end of enders.splice(0)) end()
  }

  function again({ job, attempts }: Waiting): void {
    const pause_ms = retry_ms[attempts]
    if (pause_ms === undefined || closed) {
      job.failed()
      return
    }
    const waiting = { job, attempts: attempts + 1 }
    const timer = setTimeout(() => {
      pauses.delete(timer)
      ready.push(waiting)
      pump()
    }, pause_ms)
    timer.unref()
    pauses.set(timer, waiting)
  }

  return {
    add(job) {
      if (closed || ready.length + pauses.size + active >= WEBHOOK_QUEUE_MAX) return false
      ready.push({ job, attempts: 0 })
      pump()
      return true
    },
    close() {
      closed = true
      for (const [timer, { job }] of pauses) {
        clearTimeout(timer)
        job.failed()
      }
      pauses.clear()
      return new Promise((resolve) => {
        enders.push(resolve)
        pump()
      })
    },
  }
}
