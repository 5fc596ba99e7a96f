import type { Recorder } from '../record/lines/trail.ts'

/**
 * Resolves when everything noted so far is in the record. Rejects with the recorder's
 * RECORD_UNAVAILABLE when it could not be written. `ofPerson`: a person decided it.
 */
export function committed(
  recorder: Pick<Recorder, 'afterCommit'>,
  { ofPerson = false } = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    recorder.afterCommit({ ofPerson, committed: () => resolve(), failed: (error) => reject(error) })
  })
}
