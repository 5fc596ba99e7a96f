import type { Store } from './sqlite.ts'
import { inTransaction, storeErrors } from './sqlite.ts'

/**
 * Whether this state has been kept for as long as there are records. A file that is new beside old
 * records has lost what people decided. Throws STATE_UNAVAILABLE.
 */
export interface Origin {
  /** False until everything is in it that is to be taken from the records. */
  readonly complete: boolean
  completed(): void
}

const MIGRATIONS = [
  `CREATE TABLE origin (complete INTEGER NOT NULL) STRICT`,
  // A state that was kept before this was asked has agents' decisions already.
  `INSERT INTO origin SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'agent_block')`,
]

/** Comes before the other stores are opened: one that dies half-way is asked again. */
export function createOrigin(store: Store): Origin {
  store.migrate('origin', MIGRATIONS)
  const { database } = store
  const read = database.prepare('SELECT complete FROM origin')
  return {
    get complete() {
      return storeErrors(() => read.get()?.['complete'] === 1)
    },
    completed: () => inTransaction(database, () => database.exec('UPDATE origin SET complete = 1')),
  }
}
