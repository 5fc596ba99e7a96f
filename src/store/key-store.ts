import type { Store } from './sqlite.ts'
import { storeErrors } from './sqlite.ts'

/** The gateway's own signing keys. Throws STATE_UNAVAILABLE. */
export interface KeyStore {
  /** Newest first. */
  list(): readonly StoredKey[]
  insert(key: StoredKey): void
  /** Forgets keys that were created before this time. */
  removeBefore(time_ms: number): void
}

export interface StoredKey {
  readonly kid: string
  /** A private JWK, as JSON. */
  readonly privateJwk: string
  readonly createdAt_ms: number
}

const MIGRATIONS = [
  `CREATE TABLE signing_key (
    kid TEXT PRIMARY KEY,
    private_jwk TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
  ) STRICT`,
]

export function createKeyStore(store: Store): KeyStore {
  store.migrate('signing-keys', MIGRATIONS)
  const { database } = store
  const list = database.prepare('SELECT * FROM signing_key ORDER BY created_at_ms DESC, kid')
  const insert = database.prepare(
    'INSERT INTO signing_key (kid, private_jwk, created_at_ms) VALUES (?, ?, ?)',
  )
  const removeBefore = database.prepare('DELETE FROM signing_key WHERE created_at_ms < ?')
  return {
    list: () =>
      storeErrors(() =>
        list.all().map((row) => ({
          kid: String(row['kid']),
          privateJwk: String(row['private_jwk']),
          createdAt_ms: Number(row['created_at_ms']),
        })),
      ),
    insert: (key) =>
      storeErrors(() => {
        insert.run(key.kid, key.privateJwk, key.createdAt_ms)
      }),
    removeBefore: (time_ms) =>
      storeErrors(() => {
        removeBefore.run(time_ms)
      }),
  }
}
