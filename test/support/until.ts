import { setTimeout as delay } from 'node:timers/promises'

/** Far longer than anything here takes on a slow machine: what is not there by then hangs. */
const PATIENCE_MS = 30_000
const LOOK_EVERY_MS = 20

/** Waits until `look` answers something, and returns that; fails with `what` when it never does. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  within_ms = PATIENCE_MS,
): Promise<Exclude<T, false | undefined | null>> {
  for (const end_ms = performance.now() + within_ms; ; await delay(LOOK_EVERY_MS)) {
    const found = await look()
    if (found !== false && found !== undefined && found !== null) {
      return found as Exclude<T, false | undefined | null>
    }
    if (performance.now() > end_ms) throw new Error(`never happened: ${what}`)
  }
}

/** Fails with `what` when the promise takes longer than it may. Gives back what it takes, in ms. */
export async function within<T>(
  what: string,
  bound_ms: number,
  work: Promise<T>,
): Promise<{ readonly value: T; readonly took_ms: number }> {
  const began_ms = performance.now()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took over ${bound_ms} ms`)), bound_ms)
  })
  try {
    const value = await Promise.race([work, late])
    return { value, took_ms: performance.now() - began_ms }
  } finally {
    clearTimeout(timer)
  }
}
