import type { ObjectPath } from '../../../core/object.ts'
import type { Operation } from '../../../core/operation.ts'

/**
 * What the sessions of one server have on its way to it. A statement is judged by what
 * its names stand for now, and is read by the target later: behind another one, or once a lock is
 * free. If another session takes a name away meanwhile (drops a table, renames it, moves it), the
 * name stands for the next one along the search path, which nobody has judged. So what takes names
 * away does not go while others have statements on their way that use them, and these do not go until
 * its transaction is over. A session's temporary objects are nobody else's.
 *
 * A rule without this memory does not hold: to refuse names that a later schema holds too says nothing
 * of an object that another session makes there after the statement was judged.
 */
export interface Traffic {
  /** `server`: where it is, however many resources lead to it. */
  join(server: string): TrafficOfSession
}

export interface TrafficOfSession {
  /** What keeps the operation from going now; undefined: nothing. */
  conflict(operation: Operation): ObjectPath | undefined
  /** It is on its way; call the result once, when the target has read it or never will. */
  enter(operation: Operation): () => void
  /** The transaction is over: what had been read before takes no more names away. */
  settle(): void
  /** The session is gone, and so is what it had on its way. */
  leave(): void
}

interface Lane {
  /** How often each is on its way. */
  readonly underWay: Map<Operation, number>
  /** How many of these take names away. */
  taking: number
  /** What the open transaction has taken away, by path. */
  readonly taken: Map<string, ObjectPath>
}

/** More objects than that are taken for all of their databases: who drops so many drops everything. */
const TAKEN_MAX = 1000

export function createTraffic(): Traffic {
  const servers = new Map<string, { readonly traffic: OneServer; sessions: number }>()
  return {
    join(server) {
      const one = servers.get(server) ?? { traffic: createTrafficOfServer(), sessions: 0 }
      servers.set(server, one)
      one.sessions++
      const session = one.traffic()
      let left = false
      return {
        ...session,
        leave() {
          session.leave()
          if (left) return
          left = true
          if (--one.sessions === 0) servers.delete(server)
        },
      }
    },
  }
}

type OneServer = () => TrafficOfSession

function createTrafficOfServer(): OneServer {
  const lanes = new Set<Lane>()
  /** Those that take names away; mostly there are none, and then nothing needs to be compared. */
  const takers = new Set<Lane>()

  function conflict(own: Lane, operation: Operation): ObjectPath | undefined {
    for (const lane of takers) {
      const path = lane === own ? undefined : usedOf(lane, operation)
      if (path !== undefined) return path
    }
    const takes = removals(operation)
    if (outlivesSession(operation)) return takes[0] ?? own.taken.values().next().value
    if (takes.length === 0) return undefined
    for (const lane of lanes) {
      if (lane === own) continue
      for (const other of lane.underWay.keys()) {
        const path = takes.find((one) => uses(other, one))
        if (path !== undefined) return path
      }
    }
    return undefined
  }

  /** What the operation uses of all that the lane takes away. */
  function usedOf({ underWay, taking, taken }: Lane, operation: Operation): ObjectPath | undefined {
    for (const path of taken.values()) if (uses(operation, path)) return path
    if (taking === 0) return undefined
    for (const other of underWay.keys()) {
      const path = removals(other).find((one) => uses(operation, one))
      if (path !== undefined) return path
    }
    return undefined
  }

  function enter(lane: Lane, operation: Operation): () => void {
    const { underWay } = lane
    underWay.set(operation, (underWay.get(operation) ?? 0) + 1)
    const takes = removals(operation)
    if (takes.length > 0) {
      lane.taking++
      if (lanes.has(lane)) takers.add(lane)
    }
    return () => {
      const left = (underWay.get(operation) ?? 0) - 1
      if (left > 0) underWay.set(operation, left)
      else underWay.delete(operation)
      if (takes.length === 0) return
      lane.taking--
      for (const path of takes) note(lane.taken, path)
    }
  }

  function settle(lane: Lane): void {
    lane.taken.clear()
    if (lane.taking === 0) takers.delete(lane)
  }

  return () => {
    const lane: Lane = { underWay: new Map(), taking: 0, taken: new Map() }
    lanes.add(lane)
    return {
      conflict: (operation) => conflict(lane, operation),
      enter: (operation) => enter(lane, operation),
      settle: () => settle(lane),
      leave() {
        lanes.delete(lane)
        takers.delete(lane)
      },
    }
  }
}

function note(taken: Map<string, ObjectPath>, path: ObjectPath): void {
  taken.set(path.join('\0'), path)
  if (taken.size <= TAKEN_MAX) return
  const databases = new Set(Array.from(taken.values(), ([database = '']) => database))
  taken.clear()
  for (const database of databases) taken.set(database, [database])
}

/**
 * What the operation takes from others. What a CASCADE takes along is not known; it needs a right to
 * drop anything in the database.
 */
function removals({ takes = [] }: Operation): readonly ObjectPath[] {
  return takes.filter((object) => object.length > 1 && object[1] !== TEMPORARY)
}

/** The schema of a session's own temporary objects, whatever the server calls it. */
const TEMPORARY = 'pg_temp'

/** Whoever commits what PREPARE TRANSACTION leaves, it is then no longer known what that takes away. */
function outlivesSession({ accesses }: Operation): boolean {
  return accesses.some(({ action }) => action === 'sql.transaction.prepared')
}

function uses({ accesses }: Operation, path: ObjectPath): boolean {
  return accesses.some(({ object }) => path.every((segment, index) => object[index] === segment))
}
