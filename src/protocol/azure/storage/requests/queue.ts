import type { Denial } from '../../../../core/denial.ts'
import { refusal } from '../../shared/denial.ts'
import type { StorageCall } from './call.ts'
import type { AnswerKind, Deed } from './deed.ts'
import { isReadOnly, storageAccess } from './deed.ts'
import { headerProblem, parameterProblem, unknownOperation } from './headers.ts'

interface QueueRow {
  readonly kind: string
  readonly methods: readonly string[]
  readonly at: 'account' | 'queue' | 'messages' | 'message'
  readonly restype?: string
  readonly comp?: string
  /** Below `queueServices/`. */
  readonly action: string
  readonly parameters?: readonly string[]
  readonly needs?: readonly string[]
  readonly lacks?: readonly string[]
  readonly answer?: AnswerKind
}

const LIST = ['prefix', 'marker', 'maxresults', 'include']
const GET = ['GET', 'HEAD']
const SERVICE = { at: 'account', restype: 'service' } as const
const QUEUE = { at: 'queue' } as const
const MESSAGES = { at: 'messages' } as const

const ROWS: readonly QueueRow[] = [
  {
    kind: 'ListQueues',
    at: 'account',
    methods: ['GET'],
    comp: 'list',
    action: 'queues/read',
    parameters: LIST,
    answer: 'listing',
  },
  {
    ...SERVICE,
    kind: 'GetQueueServiceProperties',
    methods: ['GET'],
    comp: 'properties',
    action: 'read',
  },
  {
    ...SERVICE,
    kind: 'SetQueueServiceProperties',
    methods: ['PUT'],
    comp: 'properties',
    action: 'write',
  },
  { ...SERVICE, kind: 'GetQueueServiceStats', methods: ['GET'], comp: 'stats', action: 'read' },
  { ...QUEUE, kind: 'CreateQueue', methods: ['PUT'], action: 'queues/write' },
  { ...QUEUE, kind: 'DeleteQueue', methods: ['DELETE'], action: 'queues/delete' },
  { ...QUEUE, kind: 'GetQueueMetadata', methods: GET, comp: 'metadata', action: 'queues/read' },
  {
    ...QUEUE,
    kind: 'SetQueueMetadata',
    methods: ['PUT'],
    comp: 'metadata',
    action: 'queues/write',
  },
  { ...QUEUE, kind: 'GetQueueAcl', methods: GET, comp: 'acl', action: 'queues/getAcl/action' },
  { ...QUEUE, kind: 'SetQueueAcl', methods: ['PUT'], comp: 'acl', action: 'queues/setAcl/action' },
  {
    ...MESSAGES,
    kind: 'PutMessage',
    methods: ['POST'],
    action: 'queues/messages/add/action',
    parameters: ['visibilitytimeout', 'messagettl'],
  },
  {
    ...MESSAGES,
    kind: 'PeekMessages',
    methods: ['GET'],
    action: 'queues/messages/read',
    parameters: ['peekonly', 'numofmessages'],
    needs: ['peekonly'],
    answer: 'messages',
  },
  {
    ...MESSAGES,
    kind: 'GetMessages',
    methods: ['GET'],
    action: 'queues/messages/process/action',
    parameters: ['numofmessages', 'visibilitytimeout'],
    lacks: ['peekonly'],
    answer: 'messages',
  },
  { ...MESSAGES, kind: 'ClearMessages', methods: ['DELETE'], action: 'queues/messages/delete' },
  {
    at: 'message',
    kind: 'UpdateMessage',
    methods: ['PUT'],
    action: 'queues/messages/write',
    parameters: ['popreceipt', 'visibilitytimeout'],
    needs: ['popreceipt'],
  },
  {
    at: 'message',
    kind: 'DeleteMessage',
    methods: ['DELETE'],
    action: 'queues/messages/delete',
    parameters: ['popreceipt'],
    needs: ['popreceipt'],
  },
]

/** What a request to the queue service does; what is in no row is refused. Objects: account, queue. */
export function queueDeed(call: StorageCall, account: string): Deed | Denial {
  const level = levelOf(call)
  if (level === undefined) return refusal('The path names no queue.', 'Write /queue/messages.')
  const row = ROWS.find((one) => fits(one, level, call))
  if (row === undefined) return unknownOperation(call)
  const problem =
    parameterProblem(call, row.parameters ?? []) ?? headerProblem(call, []) ?? valueProblem(call)
  if (problem !== undefined) return problem
  const object = [account, ...call.segments.slice(0, 1)]
  const accesses = [storageAccess(`queueServices/${row.action}`, object)]
  return {
    kind: row.kind,
    accesses,
    predicates: [],
    copies: [],
    readOnly: isReadOnly(accesses),
    answer: row.answer ?? 'none',
    object,
    call,
    set: [],
  }
}

function levelOf({ segments }: StorageCall): QueueRow['at'] | undefined {
  const [queue, messages, id] = segments
  if (queue === undefined) return 'account'
  const isName = queue.length >= 3 && queue.length <= 63 && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(queue)
  if (!isName) return undefined
  if (messages === undefined) return 'queue'
  if (messages !== 'messages') return undefined
  if (id === undefined) return 'messages'
  return segments.length === 3 && MESSAGE_ID.test(id) ? 'message' : undefined
}

const MESSAGE_ID = /^[0-9a-fA-F-]{8,64}$/

function fits(row: QueueRow, level: QueueRow['at'], { method, query }: StorageCall): boolean {
  return (
    row.methods.includes(method) &&
    row.at === level &&
    row.restype === query.get('restype') &&
    row.comp === query.get('comp') &&
    (row.needs ?? []).every((name) => query.has(name)) &&
    !(row.lacks ?? []).some((name) => query.has(name))
  )
}

const VALUES: Readonly<Record<string, RegExp>> = {
  // Anything else may take the messages instead of looking at them.
  peekonly: /^true$/i,
  numofmessages: /^\d{1,3}$/,
  visibilitytimeout: /^\d{1,7}$/,
  messagettl: /^-?\d{1,10}$/,
  maxresults: /^\d{1,6}$/,
  timeout: /^\d{1,5}$/,
  include: /^(?:metadata|deleted|,)*$/,
}

function valueProblem({ query }: StorageCall): Denial | undefined {
  for (const [name, form] of Object.entries(VALUES)) {
    const value = query.get(name)
    if (value !== undefined && !form.test(value)) {
      return refusal(
        `The parameter ${name} has a value that the gateway does not know.`,
        'Use a documented value.',
      )
    }
  }
  return undefined
}
