import { at, given, listAt, numberAt, textAt, textsAt } from '../reading/fields.ts'
import type { Event } from '../search/hit.ts'
import { statementOf } from '../search/hit.ts'

/** A session as it went, for people. Offsets are milliseconds since it started. */
export interface Replay {
  readonly session: ReplayedSession
  readonly steps: readonly Step[]
}

export interface ReplayedSession {
  readonly id: string
  readonly agent: string
  readonly resource: string
  readonly protocol: string
  readonly clientAddress: string
  readonly startedAt_ms: number
}

export type Step = OperationStep | OtherStep

/** One operation, at the time of its intent. */
export interface OperationStep {
  readonly type: 'operation'
  readonly offset_ms: number
  readonly operation: string
  /** `SELECT`; absent where the intent is missing. */
  readonly kind?: string
  readonly prepared: boolean
  readonly statement?: string
  /** Length of the whole statement, where only its beginning was kept. */
  readonly statementLength?: number
  readonly parameters: readonly Kept[]
  readonly verdict?: string
  /** `policy/rule` of those that gave the verdict. */
  readonly rules: readonly string[]
  readonly denial?: { readonly code: string; readonly message: string }
  readonly approvals: readonly NoteStep[]
  readonly outcome?: OutcomeStep
  /** What passed on a terminal that it opened. */
  readonly terminal?: readonly TerminalStep[]
}

/** `stream` as in asciicast v3: input, output, a new size, or a marker. */
export interface TerminalStep {
  readonly offset_ms: number
  readonly stream: string
  readonly text: string
}

export interface OutcomeStep {
  readonly offset_ms: number
  readonly result: string
  readonly duration_ms: number
  readonly rows?: number
  readonly bytes?: number
  readonly error?: string
  readonly masked: readonly string[]
  /** The first rows as the agent saw them. */
  readonly preview: readonly (readonly Kept[])[]
}

/** A value as it was kept: `length` is that of the whole where it was cut. */
export interface Kept {
  readonly text: string | null
  readonly length?: number
}

export interface NoteStep {
  readonly offset_ms: number
  readonly type: string
  readonly message: string
  readonly person?: string
  readonly reason?: string
  readonly code?: string
}

/** The session's own beginning and end, notes about it, and gaps in the records. */
export interface OtherStep extends NoteStep {
  readonly type: 'session.opened' | 'session.closed' | 'gap' | 'note'
  /** Of a note: `session-ended`. */
  readonly note?: string
}

const OWN = ['unmapped', 'chaperone'] as const
const own = (event: Event, ...path: string[]) => textAt(event, ...OWN, ...path)

/** Puts a session's records, as the API gives them, into the order in which people follow them. */
export function replayOf(session: ReplayedSession, events: readonly Event[]): Replay {
  const belonging = new Map<string, Event[]>()
  const started_ms = session.startedAt_ms
  for (const event of events) {
    const operation = own(event, 'operation')
    if (operation === undefined) continue
    const known = belonging.get(operation)
    if (known === undefined) belonging.set(operation, [event])
    else known.push(event)
  }
  const told = new Set<string>()
  const steps = events.flatMap((event): Step[] => {
    const operation = own(event, 'operation')
    if (operation === undefined) return [otherStep(event, started_ms)]
    if (told.has(operation)) return []
    told.add(operation)
    return [operationStep(operation, belonging.get(operation)!, started_ms)]
  })
  return { session, steps }
}

function operationStep(
  operation: string,
  events: readonly Event[],
  started_ms: number,
): OperationStep {
  const intent = events.find((event) => own(event, 'kind') === 'operation.intent')
  const outcome = events.find((event) => own(event, 'kind') === 'operation.outcome')
  const notes = events.filter((event) => own(event, 'kind') === 'note')
  const terminal = events.filter((event) => own(event, 'kind') === 'operation.terminal')
  return {
    type: 'operation',
    offset_ms: offsetOf(events[0]!, started_ms),
    operation,
    approvals: notes.map((note) => ({
      ...noteOf(note, started_ms),
      type: own(note, 'type') ?? 'note',
    })),
    ...asked(intent),
    ...(outcome === undefined ? {} : { outcome: outcomeStep(outcome, started_ms) }),
    ...(terminal.length === 0
      ? {}
      : { terminal: terminal.map((piece) => terminalStep(piece, started_ms)) }),
  }
}

function terminalStep(piece: Event, started_ms: number): TerminalStep {
  return {
    offset_ms: offsetOf(piece, started_ms),
    stream: own(piece, 'stream') ?? 'o',
    text: kept(at(piece, ...OWN, 'text')).text ?? '',
  }
}

function asked(intent: Event | undefined) {
  if (intent === undefined) return { prepared: false, parameters: [], rules: [] }
  const ours = at(intent, ...OWN)
  const code = textAt(ours, 'denial', 'code')
  const message = textAt(ours, 'denial', 'message') ?? ''
  return {
    ...given('kind', textAt(ours, 'statement')),
    prepared: textAt(ours, 'phase') === 'prepare',
    ...given('statement', statementOf(intent)),
    ...given(
      'statementLength',
      numberAt(ours, 'textCut', 'length') ?? numberAt(ours, 'text', 'length'),
    ),
    parameters: listAt(ours, 'parameters').map(kept),
    ...given('verdict', textAt(ours, 'verdict')),
    rules: rulesOf(ours),
    ...(code === undefined ? {} : { denial: { code, message } }),
  }
}

/** The rules whose effect the verdict is; an allowing rule does not explain a denial. */
function rulesOf(ours: unknown): string[] {
  const verdict = textAt(ours, 'verdict')
  return listAt(ours, 'reasons')
    .filter((reason) => textAt(reason, 'effect') === verdict)
    .map((reason) => `${textAt(reason, 'policy') ?? '?'}/${textAt(reason, 'rule') ?? '?'}`)
}

function outcomeStep(outcome: Event, started_ms: number): OutcomeStep {
  const ours = at(outcome, ...OWN)
  return {
    offset_ms: offsetOf(outcome, started_ms),
    result: textAt(ours, 'result') ?? 'unknown',
    duration_ms: numberAt(ours, 'duration_ms') ?? 0,
    ...given('rows', numberAt(ours, 'rows')),
    ...given('bytes', numberAt(ours, 'bytes')),
    ...given('error', textAt(ours, 'error')),
    masked: textsAt(ours, 'masked'),
    preview: listAt(ours, 'preview').map((row) => (Array.isArray(row) ? row.map(kept) : [])),
  }
}

function kept(value: unknown): Kept {
  if (typeof value === 'string') return { text: value }
  const cut = textAt(value, 'cut')
  return cut === undefined
    ? { text: null }
    : { text: cut, ...given('length', numberAt(value, 'length')) }
}

function otherStep(event: Event, started_ms: number): OtherStep {
  const kind = own(event, 'kind')
  const note = noteOf(event, started_ms)
  if (kind === 'session.opened' || kind === 'session.closed') return { ...note, type: kind }
  if (kind === 'note') return { ...note, type: 'note', ...given('note', own(event, 'type')) }
  return { ...note, type: 'gap' }
}

function noteOf(event: Event, started_ms: number) {
  return {
    offset_ms: offsetOf(event, started_ms),
    message: own(event, 'message') ?? textAt(event, 'message') ?? '',
    ...given('person', own(event, 'details', 'personName') ?? own(event, 'person')),
    ...given('reason', own(event, 'details', 'reason')),
    ...given('code', own(event, 'code')),
  }
}

function offsetOf(event: Event, started_ms: number): number {
  return (numberAt(event, 'time') ?? started_ms) - started_ms
}
