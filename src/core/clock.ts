/** The only source of time, so that tests can move it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. It jumps, both ways, when the machine's time is set. */
  now_ms(): number
}

/**
 * What moments are shown and compared with dates by `now_ms`; how long something has lasted is
 * measured by `steady_ms`, or setting the machine's time back would keep alive what should end, and
 * setting it forward would end everything at once.
 */
export interface SteadyClock extends Clock {
  /** Milliseconds since some moment of this process. Never goes back, never jumps. */
  steady_ms(): number
}

export const systemClock: SteadyClock = {
  now_ms: () => Date.now(),
  steady_ms: () => performance.now(),
}
