import { at, given, listAt, numberAt, textAt } from '../reading/fields.ts'

/** A record as parsed. */
export type Event = Readonly<Record<string, unknown>>

/** What a search looks at: one operation with all that belongs to it, or one other record. */
export interface Hit {
  readonly time_ms: number
  readonly agent: string | undefined
  readonly resource: string | undefined
  readonly session: string | undefined
  readonly operation: string | undefined
  readonly verdict: string | undefined
  readonly actions: readonly string[]
  readonly objects: readonly string[]
  readonly codes: readonly string[]
  readonly approvals: readonly string[]
  /** Ids and names. */
  readonly people: readonly string[]
  readonly types: readonly string[]
  /** The statement; the message of a record that has none. */
  readonly text: string
}

const OWN = ['unmapped', 'chaperone'] as const

/** `related`: the outcome and the notes of approvals of an intent, in the order of the records. */
export function hitOf(first: Event, related: readonly Event[]): Hit {
  const all = [first, ...related].map((event) => at(event, ...OWN))
  const own = all[0]
  const accesses = listAt(own, 'accesses')
  return {
    time_ms: numberAt(first, 'time') ?? 0,
    agent: textAt(own, 'agent'),
    resource: textAt(own, 'resource'),
    session: textAt(own, 'session'),
    operation: textAt(own, 'operation'),
    verdict: textAt(own, 'verdict'),
    actions: accesses.map((access) => textAt(access, 'action') ?? ''),
    objects: accesses.map((access) => textAt(access, 'object') ?? ''),
    codes: all.flatMap((each) =>
      present(textAt(each, 'code'), textAt(each, 'error'), textAt(each, 'denial', 'code')),
    ),
    approvals: all.flatMap((each) => present(textAt(each, 'approval'))),
    people: all.flatMap((each) =>
      present(textAt(each, 'person'), textAt(each, 'details', 'personName')),
    ),
    types: all.flatMap((each) => present(textAt(each, 'type'), typeOfKind(textAt(each, 'kind')))),
    text: statementOf(first) ?? textAt(own, 'message') ?? textAt(first, 'message') ?? '',
  }
}

function present(...values: (string | undefined)[]): string[] {
  return values.filter((value) => value !== undefined)
}

/** `session.opened` is told as `session-opened`, beside the types of notes. */
function typeOfKind(kind: string | undefined): string | undefined {
  return kind?.replace('.', '-')
}

/** The statement as it was kept: whole, or its beginning where it was too long. */
export function statementOf(event: Event): string | undefined {
  return (
    textAt(event, 'query_info', 'query_string') ??
    textAt(event, ...OWN, 'text') ??
    textAt(event, ...OWN, 'text', 'cut')
  )
}

const OF_OUTCOME = ['result', 'duration_ms', 'rows', 'bytes', 'error', 'masked', 'preview'] as const

/**
 * One operation as one event: its intent, with what its outcome says and its approval's notes put
 * in. `records` names what it was joined from, so that each can be looked up.
 */
export function joined(intent: Event, related: readonly Event[]): Event {
  const outcome = related.find((event) => textAt(event, ...OWN, 'kind') === 'operation.outcome')
  const notes = related.filter((event) => textAt(event, ...OWN, 'kind') === 'note')
  const own = at(intent, ...OWN) as Event
  const ended = OF_OUTCOME.map((name) => given(name, at(outcome, ...OWN, name)))
  return {
    ...intent,
    unmapped: {
      chaperone: {
        ...own,
        kind: 'operation',
        ...(Object.assign({}, ...ended) as object),
        ...given('endedAt_ms', numberAt(outcome, 'time')),
        ...(notes.length === 0 ? {} : { approvals: notes.map(approvalNote) }),
        records: textsOf([intent, ...related]),
      },
    },
  }
}

function textsOf(events: readonly Event[]): readonly string[] {
  return events.flatMap((event) => present(textAt(event, 'metadata', 'uid')))
}

const OF_NOTE = ['type', 'message', 'code', 'approval', 'person', 'details'] as const

function approvalNote(note: Event): object {
  const members = OF_NOTE.map((name) => given(name, at(note, ...OWN, name)))
  return Object.assign({}, given('at_ms', numberAt(note, 'time')), ...members) as object
}
