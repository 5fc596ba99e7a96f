import { committed } from '../approval/committed.ts'
import type { Human } from '../core/principal.ts'
import type { Note } from '../record/lines/trail.ts'
import type { ApiDeps } from './deps.ts'

type NoteOf = Omit<Note, 'at_ms' | 'person'>

/** Writes down who does what. Resolves when it is in the record; rejects with RECORD_UNAVAILABLE. */
export function recorded(deps: ApiDeps, human: Human, note: NoteOf): Promise<void> {
  deps.recorder.note({
    ...note,
    at_ms: deps.clock.now_ms(),
    person: human.objectId,
    details: { ...note.details, personName: human.name, personTenant: human.tenant },
  })
  return committed(deps.recorder, { ofPerson: true })
}
