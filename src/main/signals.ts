import type { Log } from '../core/log.ts'

/**
 * SIGHUP reloads, as it does in other servers. SIGUSR1 would open a debugger to whoever may send signals, and does
 * nothing instead.
 */
export function onReloadSignal(reload: () => Promise<unknown>, log: Log): void {
  process.on('SIGHUP', () => {
    reload().catch((error: unknown) => log.error('gateway.reload-failed', { error: String(error) }))
  })
  process.on('SIGUSR1', () => log.warn('signal.ignored', { signal: 'SIGUSR1' }))
}

/** Resolves with the first signal that asks to stop; a second one ends the process at once. */
export function untilSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1))
        resolve(signal)
      })
    }
  })
}
