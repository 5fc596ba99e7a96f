/** The only source of time, so that tests can move it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now_ms(): number
}

export const systemClock: Clock = { now_ms: () => Date.now() }
