import { shorten } from './cut.ts'
import { inner } from './fragments.ts'
import { NOTE_CHARS_MAX, NOTE_DETAILS_MAX, SHORT_CHARS_MAX } from './limits.ts'
import { endpoint, metadataTail, RECORD_FORMAT } from './line.ts'
import type { EventType } from './ocsf.ts'
import { NOTE_TYPES } from './ocsf.ts'
import type { Note } from './trail.ts'

/** A note's line without its head; see event.ts. */
export function noteLine(note: Note, gatewayVersion: string): string {
  const type = noteType(note)
  return (
    metadataTail(gatewayVersion, note.agent === undefined ? [] : ['ai_operation']) +
    inner({
      time: Number.isFinite(note.at_ms) ? Math.trunc(note.at_ms) : 0,
      ...type,
      type_uid: type.class_uid * 100 + type.activity_id,
      ...status(note),
      message: shorten(note.message, NOTE_CHARS_MAX),
      ...people(note, type),
    }) +
    '"unmapped":{"chaperone":{' +
    inner({ format: RECORD_FORMAT, ...ownFields(note) }) +
    '"kind":"note"}}}\n'
  )
}

/** An approval that was given is privileges assigned to a session: activity 1. */
function noteType(note: Note): EventType {
  const type = NOTE_TYPES[note.type]
  if (note.type !== 'approval-answered' || note.details?.['answer'] !== 'approve') return type
  return { category_uid: type.category_uid, class_uid: type.class_uid, activity_id: 1 }
}

function status(note: Note): object {
  if (note.type === 'sign-in-refused') {
    return { severity_id: 3, status_id: 2, ...statusCode(note) }
  }
  const loud = note.type === 'records-interrupted' || note.type === 'agent-revoked'
  return { severity_id: loud ? 4 : 1, status_id: 1, ...statusCode(note) }
}

function statusCode(note: Note): object {
  return note.code === undefined ? {} : { status_code: note.code }
}

/** The members that OCSF asks of each class. */
function people(note: Note, type: EventType): object {
  const name = cut(note.agent) ?? 'unknown'
  const actor = { actor: { user: { name: cut(note.person) ?? name } } }
  const source =
    note.clientAddress === undefined ? {} : { src_endpoint: endpoint(note.clientAddress) }
  const agent = note.agent === undefined ? {} : { ai_agent: { name } }
  const user = { user: { name, type_id: 4 } }
  switch (type.class_uid) {
    case 6002:
      return { app: { name: 'Chaperone' } }
    case 3004:
      return { ...actor, ...agent, ...source, entity: { name: note.agent ?? 'policies' } }
    case 3003:
    case 3005:
      return { ...actor, ...agent, ...source, ...user, privileges: [note.operation ?? 'access'] }
    default:
      return { ...actor, ...agent, ...source, ...user, service: { name: 'Chaperone' } }
  }
}

function ownFields(note: Note): object {
  return {
    type: note.type,
    message: shorten(note.message, NOTE_CHARS_MAX),
    code: note.code,
    agent: cut(note.agent),
    session: cut(note.session),
    operation: cut(note.operation),
    approval: cut(note.approval),
    person: cut(note.person),
    clientAddress: cut(note.clientAddress),
    details: note.details === undefined ? undefined : details(note.details),
  }
}

function details(all: NonNullable<Note['details']>): object {
  const kept = Object.entries(all).slice(0, NOTE_DETAILS_MAX)
  return Object.fromEntries(
    kept.map(([name, value]) => [
      shorten(name, SHORT_CHARS_MAX),
      typeof value === 'string' ? shorten(value, NOTE_CHARS_MAX) : value,
    ]),
  )
}

function cut(text: string | undefined): string | undefined {
  return text === undefined ? undefined : shorten(text, SHORT_CHARS_MAX)
}
