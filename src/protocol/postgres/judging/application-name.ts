import { APPLICATION_NAME } from '../../../sql/postgres/statements/application-name.ts'
import { parameterStatus } from '../messages/message.ts'

/** What a client calls itself: as it said at the start, and with each SET since then. */
export interface ApplicationName {
  readonly current: string
  set(name: string | undefined, isLocal: boolean): void
  /** What was set since the last transaction is undone with this one. */
  rolledBack(): void
  transactionOver(): void
}

/** `tell` takes a ParameterStatus whenever the name changes, as the server would send it. */
export function createApplicationName(
  atStart: string,
  tell: (bytes: Buffer) => void,
): ApplicationName {
  /** Once the open transaction is committed, and as it was before. */
  let [committed, before, current] = [atStart, atStart, atStart]

  function call(name: string): void {
    if (name === current) return
    current = name
    tell(parameterStatus(APPLICATION_NAME, name))
  }

  return {
    get current() {
      return current
    },
    set(name = atStart, isLocal) {
      if (!isLocal) committed = name
      call(name)
    },
    rolledBack() {
      committed = before
    },
    transactionOver() {
      before = committed
      call(committed)
    },
  }
}
