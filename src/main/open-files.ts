import { readFileSync } from 'node:fs'
import type { Log } from '../core/log.ts'

/** A session has a socket on each side. */
const FILES_PER_SESSION = 2

/** Doors, records, state, the event loop's own, and connections to the API. */
const FILES_BESIDE = 128

/**
 * Says at the start when the system gives fewer open files than the configured connections take:
 * later it would show as connections that are refused for no reason that a client could see.
 */
export function warnOfOpenFiles(connectionsMax: number, log: Log): void {
  const needed = connectionsMax * FILES_PER_SESSION + FILES_BESIDE
  const allowed = openFilesMax()
  if (allowed >= needed) return
  log.warn('limits.open-files', {
    allowed,
    needed,
    hint: 'raise the limit of open files (ulimit -n, LimitNOFILE), or lower limits.connectionsMax',
  })
}

/** As Linux tells it; elsewhere nothing is known, and nothing is said. */
function openFilesMax(): number {
  try {
    const [, soft] =
      /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? Infinity : Number(soft)
  } catch {
    return Infinity
  }
}
