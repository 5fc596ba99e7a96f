import type { Socket } from 'node:net'
import type { Approvals } from '../../../approval/approvals.ts'
import type { SteadyClock } from '../../../core/clock.ts'
import type { Log } from '../../../core/log.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import type { Recorder } from '../../../record/lines/trail.ts'
import type { GovernedSession } from '../../../session/governed.ts'
import type { Turns } from '../../../session/turns.ts'
import type { Classifier } from '../judging/classifier.ts'
import type { TrafficOfSession } from '../judging/traffic.ts'

/** What a conversation is made of. */
export interface ConversationParts {
  readonly client: Socket
  readonly target: Socket
  readonly session: GovernedSession
  readonly classifier: Classifier
  readonly traffic: TrafficOfSession
  readonly recorder: Recorder
  readonly approvals: Approvals
  readonly clock: SteadyClock
  readonly turns: Turns
  readonly log: Log
  readonly limits: ConversationLimits
  readonly keys: MaskKeys
  readonly database: string
  /** What the client called itself at the start. */
  readonly applicationName: string
  /** Settings as the target reported them at start. */
  readonly settings: Map<string, string>
  /** Asks the target to cancel what it is running. Resolves when the target has been told. */
  cancelTarget(): Promise<void>
}

export interface ConversationLimits {
  readonly statementBytesMax: number
  readonly bindBytesMax: number
  /** A row that must be masked is collected whole, up to this. */
  readonly maskedRowBytesMax: number
  /** What a client may send ahead while its session waits. */
  readonly aheadBytesMax: number
  readonly preparedMax: number
}
