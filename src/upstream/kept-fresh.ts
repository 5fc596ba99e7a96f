import type { SteadyClock } from '../core/clock.ts'
import { CREDENTIAL_FRESH_MS } from './limits.ts'

/**
 * What was made of a credential, at once while it is fresh; else it is made anew, once for all who
 * wait. A failure is not kept.
 */
export function keptFresh<T>(make: () => Promise<T>, clock: SteadyClock): () => T | Promise<T> {
  let kept: { readonly value: T; readonly until_ms: number } | undefined
  let underWay: Promise<T> | undefined

  const renew = async (): Promise<T> => {
    try {
      const value = await make()
      kept = { value, until_ms: clock.steady_ms() + CREDENTIAL_FRESH_MS }
      return value
    } finally {
      underWay = undefined
    }
  }
  return () => {
    if (kept !== undefined && clock.steady_ms() < kept.until_ms) return kept.value
    return (underWay ??= renew())
  }
}

/** Goes on with a value that is there without making a promise of it. */
export function withFresh<T, R>(value: T | Promise<T>, use: (value: T) => R): R | Promise<R> {
  return value instanceof Promise ? value.then(use) : use(value)
}
