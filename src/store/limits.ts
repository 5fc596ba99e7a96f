/** The store belongs to one process; only a backup or a person with `sqlite3` ever holds its lock. */
export const BUSY_TIMEOUT_MS = 2_000

/** It holds signing keys. */
export const STORE_FILE_MODE = 0o600
