import { DatabaseSync } from 'node:sqlite'
import { ChaperoneError } from '../../core/errors.ts'
import { lockPath } from './layout.ts'

/**
 * Keeps a second gateway from writing into the same folder. SQLite's own file lock is used because
 * the system lets go of it when the process dies, however it dies. Returns the release.
 * Throws ChaperoneError RECORD_UNAVAILABLE while another process holds it.
 */
export function lockFolder(folder: string): () => void {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(lockPath(folder), { timeout: 0 })
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    lock?.close()
    throw new ChaperoneError('RECORD_UNAVAILABLE', `The records folder ${folder} is in use.`, {
      hint: 'Give each gateway a records folder of its own, or stop the other one.',
      cause: error,
    })
  }
  const held = lock
  return () => held.close()
}
