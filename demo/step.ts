import type pg from 'pg'
import type { Stage } from './stage.ts'

/** One step: what it is called, what the agent (or person) did, and what they saw. */
export interface Step {
  readonly id: string
  readonly title: string
  readonly did: string
  /** Throws when the gateway did not do what it promises. */
  play(cast: Cast): Promise<unknown>
}

export interface Chapter {
  readonly title: string
  readonly steps: readonly Step[]
}

/** Who plays, and what they carry from one step to the next. */
export interface Cast {
  readonly stage: Stage
  readonly agent: pg.Client
  readonly notices: readonly string[]
  /** What the agent's connection said when it ended. */
  readonly ended: Promise<string>
  /** The agent's Entra token, for the cluster. */
  readonly token: string
  /** What the gateway's token endpoint gave the agent for Resource Manager. */
  armToken?: string
}
