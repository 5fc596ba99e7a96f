/** Structured logging as the rest of the code sees it. Fields never hold a secret or a masked value. */
export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
