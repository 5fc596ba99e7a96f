import type { Code } from '../core/codes.ts'

/** The sessions that are open now. */
export interface LiveSession {
  readonly id: string
  readonly agent: string
  readonly resource: string
  readonly protocol: string
  readonly clientAddress: string
  readonly startedAt_ms: number
  /** Ends it at once, with the protocol's own words; returns without waiting. */
  end(code: Code, message: string): void
}
