import type { Operation } from '../../core/operation.ts'
import type { Note, SessionFacts } from './trail.ts'

/** The version of the Open Cybersecurity Schema Framework that our events are shaped by. */
export const OCSF_VERSION = '1.9.0'

/** Class and activity of an event; `type_uid` is `class_uid * 100 + activity_id`. */
export interface EventType {
  readonly category_uid: number
  readonly class_uid: number
  readonly activity_id: number
  /** Set for activities that OCSF has no number for (99). */
  readonly activity_name?: string
}

export const DATASTORE_ACTIVITY = 6005
export const API_ACTIVITY = 6003

/** The class of a session's operations. */
export function operationClass(protocol: SessionFacts['protocol']): number {
  return protocol === 'postgres' ? DATASTORE_ACTIVITY : API_ACTIVITY
}

const OTHER = 99

/** Most serious first: an operation is told by the worst thing that it does. */
const DATASTORE_ACTIVITIES: readonly (readonly [RegExp, number])[] = [
  [/\.(delete|truncate|drop)\b/, 7],
  [/\.(update|merge|alter)\b/, 2],
  [/\.insert\b/, 5],
  [/\.create\b/, 6],
  [/\.(select|show|execute)\b/, 4],
]

const API_ACTIVITIES: readonly (readonly [RegExp, number])[] = [
  [/[./](delete|deletecollection)$/i, 4],
  [/[./](update|patch|write)$/i, 3],
  [/[./](create|add)$/i, 1],
  [/[./](get|list|watch|read)$/i, 2],
]

/** The activity of an operation: `99` when its actions say nothing that OCSF has a number for. */
export function operationActivity(class_uid: number, operation: Operation): number {
  const table = class_uid === DATASTORE_ACTIVITY ? DATASTORE_ACTIVITIES : API_ACTIVITIES
  const required = operation.accesses.filter((access) => access.grant === 'required')
  const accesses = required.length > 0 ? required : operation.accesses
  for (const [pattern, activity] of table) {
    if (accesses.some((access) => pattern.test(access.action))) return activity
  }
  return OTHER
}

const iam = (class_uid: number, activity_id: number, activity_name?: string): EventType => ({
  category_uid: 3,
  class_uid,
  activity_id,
  ...(activity_name === undefined ? {} : { activity_name }),
})

export const SESSION_OPENED: EventType = iam(3002, 1)
export const SESSION_CLOSED: EventType = iam(3002, 2)

/** Where each note belongs: Authentication 3002, Authorize Session 3003, Entity Management 3004, User Access 3005. */
export const NOTE_TYPES: Readonly<Record<Note['type'], EventType>> = {
  'sign-in-refused': iam(3002, 1),
  'ticket-issued': iam(3002, 3),
  'ticket-used': iam(3002, OTHER, 'Ticket Used'),
  'approval-requested': iam(3003, OTHER, 'Approval Requested'),
  'approval-answered': iam(3003, OTHER, 'Approval Answered'),
  'approval-closed': iam(3003, OTHER, 'Approval Closed'),
  'agent-changed': iam(3004, 3),
  'policy-changed': iam(3004, 3),
  'agent-revoked': iam(3005, 2),
  'session-ended': iam(3005, 2),
  'gateway-started': { category_uid: 6, class_uid: 6002, activity_id: 3 },
  'gateway-stopped': { category_uid: 6, class_uid: 6002, activity_id: 4 },
  'records-limited': {
    category_uid: 6,
    class_uid: 6002,
    activity_id: OTHER,
    activity_name: 'Records Limited',
  },
  'records-interrupted': {
    category_uid: 6,
    class_uid: 6002,
    activity_id: OTHER,
    activity_name: 'Records Interrupted',
  },
}
