import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { inTransaction, openStore } from './sqlite.ts'

function temporaryFile(context: { after(clean: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'chaperone-store-'))
  context.after(() => rmSync(folder, { recursive: true }))
  return join(folder, 'state.db')
}

const CREATE = 'CREATE TABLE t (a INTEGER) STRICT'
const EXTEND = 'ALTER TABLE t ADD COLUMN b TEXT'

test('a migration runs once, and later steps are added', (context) => {
  const path = temporaryFile(context)
  const first = openStore(path)
  first.migrate('m', [CREATE])
  first.migrate('m', [CREATE])
  first.close()
  const second = openStore(path)
  second.migrate('m', [CREATE, EXTEND])
  second.database.exec(`INSERT INTO t VALUES (1, 'x')`)
  assert.equal(second.database.prepare('SELECT b FROM t').get()?.['b'], 'x')
  second.close()
})

test('a changed or missing step is refused, and nothing of it runs', () => {
  const store = openStore(':memory:')
  store.migrate('m', [CREATE])
  assert.throws(() => store.migrate('m', [`${CREATE} `]), { code: 'STATE_UNAVAILABLE' })
  assert.throws(() => store.migrate('m', []), { code: 'STATE_UNAVAILABLE' })
  assert.throws(() => store.migrate('m', [CREATE, EXTEND, 'NONSENSE']), {
    code: 'STATE_UNAVAILABLE',
  })
  assert.equal(store.database.prepare('SELECT count(*) AS n FROM migration').get()?.['n'], 1)
  store.migrate('m', [CREATE, EXTEND])
  store.close()
})

test('only the owner can read the files', (context) => {
  const path = temporaryFile(context)
  const store = openStore(path)
  store.migrate('m', [CREATE])
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    assert.equal(statSync(file).mode & 0o777, 0o600, file)
  }
  store.close()
})

test('commits are synced to the disk, and write-ahead logging is on', (context) => {
  const store = openStore(temporaryFile(context))
  assert.equal(store.database.prepare('PRAGMA synchronous').get()?.['synchronous'], 2)
  assert.equal(store.database.prepare('PRAGMA journal_mode').get()?.['journal_mode'], 'wal')
  store.close()
})

test('a transaction that throws leaves nothing behind', () => {
  const store = openStore(':memory:')
  store.migrate('m', [CREATE])
  assert.throws(
    () =>
      inTransaction(store.database, () => {
        store.database.exec('INSERT INTO t VALUES (1)')
        throw new Error('stop')
      }),
    { code: 'STATE_UNAVAILABLE' },
  )
  assert.equal(store.database.prepare('SELECT count(*) AS n FROM t').get()?.['n'], 0)
  store.close()
})

test('a path that cannot be opened is STATE_UNAVAILABLE', () => {
  assert.throws(() => openStore('/nonexistent-folder/state.db'), { code: 'STATE_UNAVAILABLE' })
})
