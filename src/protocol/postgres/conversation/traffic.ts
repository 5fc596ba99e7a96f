import type { ObjectPath } from '../../../core/object.ts'
import type { Operation } from '../../../core/operation.ts'

/**
 * What the sessions of all databases have on its way to their targets. A statement is judged by what
 * its names stand for now, and is read by the target later: behind another one, or once a lock is
 * free. If another session takes a name away meanwhile (drops a table, renames it, moves it), the
 * name stands for the next one along the search path, which nobody has judged. So what takes names
 * away does not go while others have statements on their way that use them, and these do not go until
 * its transaction is over.
 */
export interface Traffic {
  join(): TrafficOfSession
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

interface Removal {
  readonly paths: readonly ObjectPath[]
  read: boolean
}

interface Lane {
  /** How often each is on its way. */
  readonly underWay: Map<Operation, number>
  removals: Removal[]
}

export function createTraffic(): Traffic {
  const lanes = new Set<Lane>()
  const known = new WeakMap<Operation, readonly ObjectPath[]>()
  /** Of all sessions; mostly there are none, and then nothing needs to be compared. */
  let removing = 0

  function removedBy(operation: Operation): readonly ObjectPath[] {
    const kept = known.get(operation)
    if (kept !== undefined) return kept
    const paths = removals(operation)
    known.set(operation, paths)
    return paths
  }

  function conflict(own: Lane, operation: Operation): ObjectPath | undefined {
    const removed = removedBy(operation)
    if (removed.length === 0 && removing === 0) return undefined
    for (const lane of lanes) {
      if (lane === own) continue
      for (const { paths } of lane.removals) {
        const path = paths.find((one) => uses(operation, one))
        if (path !== undefined) return path
      }
      if (removed.length === 0) continue
      for (const other of lane.underWay.keys()) {
        const path = removed.find((one) => uses(other, one))
        if (path !== undefined) return path
      }
    }
    return undefined
  }

  function drop(lane: Lane, gone: (removal: Removal) => boolean): void {
    if (lane.removals.length === 0) return
    const left = lane.removals.filter((removal) => !gone(removal))
    removing -= lane.removals.length - left.length
    lane.removals = left
  }

  return {
    join() {
      const lane: Lane = { underWay: new Map(), removals: [] }
      lanes.add(lane)
      return {
        conflict: (operation) => conflict(lane, operation),
        enter(operation) {
          const { underWay } = lane
          underWay.set(operation, (underWay.get(operation) ?? 0) + 1)
          const paths = removedBy(operation)
          const removal: Removal | undefined =
            paths.length === 0 ? undefined : { paths, read: false }
          if (removal !== undefined) {
            lane.removals.push(removal)
            removing++
          }
          return () => {
            const left = (underWay.get(operation) ?? 0) - 1
            if (left > 0) underWay.set(operation, left)
            else underWay.delete(operation)
            if (removal !== undefined) removal.read = true
          }
        },
        settle: () => drop(lane, ({ read }) => read),
        leave() {
          drop(lane, () => true)
          lanes.delete(lane)
        },
      }
    },
  }
}

/**
 * Objects, and schemas with all that is in them, that the operation takes from where they are. What a
 * CASCADE takes along is not known; it needs a right to drop anything in the database.
 */
function removals({ accesses, kind }: Operation): readonly ObjectPath[] {
  // Renaming and moving are called so, and no other change of an object is.
  const moves = kind.split('; ').some((one) => one === 'ALTER' || one.startsWith('and '))
  return accesses.flatMap(({ action, object }) => {
    const takes =
      action === 'sql.ddl.drop' ||
      (action === 'sql.ddl.alter' && moves) ||
      // The search path passes over a schema that may not be used.
      (action === 'sql.revoke' && object.length === 2)
    return takes && object.length > 1 ? [object] : []
  })
}

function uses({ accesses }: Operation, path: ObjectPath): boolean {
  return accesses.some(({ object }) => path.every((segment, index) => object[index] === segment))
}
