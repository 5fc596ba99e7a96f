import type { Entry } from './backlog.ts'
import type { RecordBudgets } from './budget.ts'
import { noteLine } from './lines/note-line.ts'
import type { Note, Recorder } from './lines/trail.ts'

/** Writes what belongs to no session. */
export function createNotes(
  gatewayVersion: string,
  push: (entry: Entry) => void,
  budgets: RecordBudgets,
): Pick<Recorder, 'note' | 'noteOf'> {
  function write(note: Note): number {
    const line = noteLine(note, gatewayVersion)
    push({ line, effect: undefined, leftOut: undefined })
    return line.length
  }

  return {
    note: (note) => void write(note),
    noteOf(agent, note) {
      const budget = budgets.of(agent)
      if (budget.refuses(0)) return false
      budget.spend(write({ ...note, agent }))
      return true
    },
  }
}
