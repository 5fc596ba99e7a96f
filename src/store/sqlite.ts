import { createHash } from 'node:crypto'
import { chmodSync, closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { asChaperoneError, ChaperoneError } from '../core/errors.ts'
import { BUSY_TIMEOUT_MS, STORE_FILE_MODE } from './limits.ts'

/** The gateway's small, durable state: one SQLite file, one process. */
export interface Store {
  readonly database: DatabaseSync
  /**
   * Brings one module's tables up to date. `statements` only ever grows at its end: those that
   * already ran are skipped, and the rest run in one transaction. Throws STATE_UNAVAILABLE when a
   * statement that already ran was changed, or the file was written by a newer version.
   */
  migrate(name: string, statements: readonly string[]): void
  close(): void
}

/**
 * Opens or creates the store at `path`; `:memory:` keeps it in memory.
 *
 * The file is readable by its owner alone. Commits are synced (`synchronous = FULL`): an approval or
 * a revocation that was acknowledged survives a power cut. Throws STATE_UNAVAILABLE.
 */
export function openStore(path: string): Store {
  const database = storeErrors(() => openDatabase(path))
  return {
    database,
    migrate: (name, statements) => {
      storeErrors(() => migrate(database, name, statements))
    },
    close: () => {
      if (database.isOpen) database.close()
    },
  }
}

/** Runs `work` in one transaction that takes the write lock at its start; rolls back on a throw. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  return storeErrors(() => {
    database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      database.exec('COMMIT')
      return result
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  })
}

/** Turns SQLite's own errors into STATE_UNAVAILABLE and lets coded ones through. */
export function storeErrors<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asChaperoneError(
      error,
      'STATE_UNAVAILABLE',
      'The state store cannot be used.',
      'Check that the file is there, writable, and on a disk with room.',
    )
  }
}

function openDatabase(path: string): DatabaseSync {
  if (path !== ':memory:') restrictFile(path)
  const database = new DatabaseSync(path, {
    timeout: BUSY_TIMEOUT_MS,
    enableForeignKeyConstraints: true,
    defensive: true,
  })
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF')
  return database
}

/** SQLite gives its -wal and -shm files the mode of the main file, so that is set before it opens. */
function restrictFile(path: string): void {
  closeSync(openSync(path, 'a', STORE_FILE_MODE))
  chmodSync(path, STORE_FILE_MODE)
}

const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS migration (
  module TEXT NOT NULL,
  step INTEGER NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (module, step)
) STRICT, WITHOUT ROWID`

function migrate(database: DatabaseSync, name: string, statements: readonly string[]): void {
  inTransaction(database, () => {
    database.exec(MIGRATIONS_TABLE)
    const done = stepsDone(database, name)
    if (done.length > statements.length) {
      throw migrationError(name, 'was written by a newer version')
    }
    const insert = database.prepare('INSERT INTO migration (module, step, digest) VALUES (?, ?, ?)')
    for (const [step, statement] of statements.entries()) {
      const digest = createHash('sha256').update(statement).digest('hex')
      const before = done[step]
      if (before === undefined) {
        database.exec(statement)
        insert.run(name, step, digest)
      } else if (before !== digest) {
        throw migrationError(name, `has another statement at step ${step}`)
      }
    }
  })
}

function stepsDone(database: DatabaseSync, name: string): string[] {
  return database
    .prepare('SELECT digest FROM migration WHERE module = ? ORDER BY step')
    .all(name)
    .map((row) => String(row['digest']))
}

function migrationError(name: string, what: string): ChaperoneError {
  return new ChaperoneError('STATE_UNAVAILABLE', `The stored schema of "${name}" ${what}.`, {
    hint: 'Start the version that wrote this store, or open another one.',
  })
}
