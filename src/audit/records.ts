import type { Clock } from '../core/clock.ts'
import type { ChaperoneError } from '../core/errors.ts'
import type { Page } from './reading/page.ts'
import type { Event } from './search/hit.ts'
import type { SearchQuery } from './search/search.ts'
import { createScanningSearch } from './search/search.ts'
import type { RecordedSession, SessionQuery } from './sessions/sessions.ts'
import { listSessions } from './sessions/sessions.ts'
import type { SessionTimeline } from './sessions/timeline.ts'
import { readTimeline } from './sessions/timeline.ts'

/** What was recorded, for the API. */
export interface RecordReader {
  /** Newest first. Rejects with REQUEST_INVALID for a bad cursor. */
  sessions(query: SessionQuery): Promise<Page<RecordedSession>>
  /** Of one `operation` alone, where it is given: each has as much room as a session has. */
  session(id: string, operation?: string): Promise<SessionTimeline | undefined>
  /** Newest first. Rejects with SEARCH_SYNTAX, and REQUEST_INVALID for a bad cursor. */
  search(query: SearchQuery): Promise<Page<Event>>
}

export interface RecordReaderOptions {
  readonly folder: string
  readonly clock: Clock
  /** Makes what was appended visible in the files. */
  readonly flush?: () => Promise<void>
  /** Hears of damage where an answer has no place for it. */
  readonly damaged?: (error: ChaperoneError) => void
}

/** Reads the records folder for each question; one question at a time, since each may hold a segment in memory. */
export function createRecordReader(options: RecordReaderOptions): RecordReader {
  const { folder, clock, flush, damaged = () => {} } = options
  const search = createScanningSearch(folder, clock)
  let last: Promise<unknown> = Promise.resolve()

  function inTurn<T>(read: () => Promise<T>): Promise<T> {
    const answer = last.then(async () => {
      await flush?.()
      return read()
    })
    last = answer.catch(() => undefined)
    return answer
  }

  return {
    sessions: (query) => inTurn(() => listSessions({ folder, damaged }, query)),
    session: (id, operation) => inTurn(() => readTimeline(folder, id, operation)),
    search: (query) => inTurn(() => search.search(query)),
  }
}
