import type { Denial } from '../core/denial.ts'
import type { Operation } from '../core/operation.ts'
import type { Lookup } from './lookup.ts'

/** What the classifier makes of a statement text. */
export type Classification = Classified | LookupNeeded | Refused

export interface Classified {
  readonly type: 'classified'
  readonly operation: Operation
  /** One for each statement of the text, in order, as `operation.results`. */
  readonly statements: readonly Statement[]
  /** What goes to the target in place of the text, which sets `application_name`. */
  readonly forwardedText?: string
}

/** Names that the catalog has not told yet; ask the target, teach the catalog, classify again. */
export interface LookupNeeded {
  readonly type: 'lookup'
  readonly lookup: Lookup
}

export interface Refused {
  readonly type: 'refused'
  readonly denial: Denial
}

/** What a session must know of one statement beside its Operation. */
export interface Statement {
  /** Applied once the target has acknowledged the statement, in order. */
  readonly effects: readonly Effect[]
  /** Set when its answer or its input is a COPY stream. */
  readonly copy?: CopyStream
  /**
   * It is no query. What its names stand for, and those of prepared statements and cursors in it, the
   * target reads when it runs it, and not when it is prepared or bound.
   */
  readonly command?: true
  /** What it fetches from. */
  readonly cursor?: string
  /** Its one value is what the client calls itself. */
  readonly showsApplicationName?: true
}

/** True where names are read when the text is run. */
export function isCommand({ statements }: Classified): boolean {
  return statements.some(({ command }) => command)
}

export interface CopyStream {
  readonly direction: 'in' | 'out'
  readonly format: 'text' | 'csv' | 'binary'
  readonly delimiter: string
  readonly nullText: string
  readonly header: boolean
  readonly quote: string
  readonly escape: string
  /**
   * The relation that its data goes to, where the server names a column only of what it cannot read:
   * with some options, defaults are computed under such a name, or it stays for later rows.
   */
  readonly readsInto?: string
}

/** A change to the session's own names and view of the catalog. */
export type Effect =
  | {
      readonly type: 'prepare'
      readonly name: string
      readonly text: string
      /** The whole PREPARE. */
      readonly madeBy: string
      readonly statement: Classified
    }
  | { readonly type: 'deallocate'; readonly name: string | undefined }
  /** `hold`: it outlives the transaction, once that is committed. */
  | {
      readonly type: 'declare'
      readonly cursor: string
      /** The whole DECLARE. */
      readonly text: string
      readonly query: Classified
      readonly hold: boolean
    }
  | { readonly type: 'close'; readonly cursor: string | undefined }
  /** Names may resolve differently from now on (DDL, search_path, role, temporary tables). */
  | { readonly type: 'catalog'; readonly reach: 'session' | 'database' }
  /** What the client calls itself from now on; undefined: as it did at the start. */
  | {
      readonly type: 'application-name'
      readonly name: string | undefined
      readonly isLocal: boolean
    }
  /** ROLLBACK and its like: what the session changed may be undone. `partial`: the transaction goes on. */
  | { readonly type: 'rollback'; readonly partial: boolean }
  /** Code ran that may have changed prepared statements and cursors (DO, CALL, volatile functions, triggers). */
  | {
      readonly type: 'code'
      /** What it wrote may have put more off to the end of the transaction: deferred triggers. */
      readonly later?: true
      /** The cursor whose rows the code made: none of it can have closed that one. */
      readonly spares?: string
    }
  /** DISCARD ALL and its like: every prepared name and cursor is gone. */
  | { readonly type: 'discard' }

/** The session's own names, which EXECUTE, FETCH and the like refer to. */
export interface NameScope {
  /** The text and classification that a prepared statement name stands for now. */
  prepared(name: string): Classified | undefined
  cursor(name: string): Classified | undefined
}
