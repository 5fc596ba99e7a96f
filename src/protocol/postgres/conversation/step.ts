import type { Run } from '../judging/run.ts'
import type { Considered, Considerer } from './consider.ts'
import type { Conversation } from './conversation.ts'
import type { Gate } from './gate.ts'
import type { Openings } from './openings.ts'

/**
 * What becomes of the message at the head of the client's stream. `done`: it is consumed, and nothing
 * after it goes before `ready`, where there is one. `wait`: it stays, and is looked at again from the
 * start when `ready` says so.
 */
export type Step =
  | { readonly type: 'done'; readonly ready?: () => boolean }
  | { readonly type: 'wait'; readonly ready: () => boolean }

export const DONE: Step = { type: 'done' }

/** A message as handlers see it: its place in a buffer, header included. */
export interface Incoming {
  readonly type: number
  readonly buffer: Buffer
  /** First byte after the header. */
  readonly body: number
  readonly end: number
  /** The whole message. */
  readonly bytes: Buffer
}

/** What the handlers of messages work with. */
export interface MessageContext {
  readonly c: Conversation
  readonly considerer: Considerer
  readonly gate: Gate
  readonly openings: Openings
  /** An operation with a row limit that its batch has not ended yet. */
  limited: Run | undefined
  /** Forwards, in place of a refused message, what makes the target fail; see Conversation.refuse. */
  refuse(considered: Exclude<Considered, { type: 'go' }>, alone: boolean): Step
  /** Whether the agent may have so many bytes more held in memory. */
  hasRoom(more: number): boolean
}
