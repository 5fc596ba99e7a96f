import { randomUUID } from 'node:crypto'
import type { Clock } from '../../src/core/clock.ts'
import type { Kind } from './kinds.ts'
import type { Thing } from './objects.ts'
import { ApiProblem } from './objects.ts'

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly kind: Kind
  readonly object: Thing
  readonly version: number
}

type Heard = (event: StoreEvent) => void

/** Objects in memory, each with the version of the change that made it what it is. */
export interface Store {
  version(): number
  find(kind: Kind, namespace: string | undefined, name: string): Thing | undefined
  list(kind: Kind, namespace: string | undefined): Thing[]
  /** Creates it or takes the place of what is there; refuses an outdated `resourceVersion`. */
  put(kind: Kind, object: Thing, isDryRun: boolean): Thing
  remove(kind: Kind, object: Thing): void
  /** Everything that changed after a version, and then what changes. */
  follow(after: number, heard: Heard): () => void
}

export function createStore(clock: Clock): Store {
  const things = new Map<string, { kind: Kind; object: Thing }>()
  const events: StoreEvent[] = []
  const listeners = new Set<Heard>()
  let version = 1

  const keyOf = ({ group, resource }: Kind, namespace: string | undefined, name: string) =>
    [group, resource, namespace ?? '', name].join('/')

  function happened(event: StoreEvent): void {
    events.push(event)
    for (const heard of listeners) heard(event)
  }

  function find(kind: Kind, namespace: string | undefined, name: string): Thing | undefined {
    return things.get(keyOf(kind, namespace, name))?.object
  }

  return {
    version: () => version,
    find,
    list: (kind, namespace) =>
      [...things.values()]
        .filter(({ kind: one }) => one.resource === kind.resource && one.group === kind.group)
        .map(({ object }) => object)
        .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
    put(kind, object, isDryRun) {
      const { metadata } = object
      const before = find(kind, metadata.namespace, metadata.name)
      const told = metadata.resourceVersion
      if (before !== undefined && told !== undefined && told !== before.metadata.resourceVersion) {
        throw new ApiProblem(
          409,
          'Conflict',
          'the object has been modified; please apply your changes to the latest version and try again',
        )
      }
      const next = version + 1
      const whole: Thing = {
        ...object,
        metadata: {
          ...metadata,
          uid: before?.metadata.uid ?? randomUUID(),
          creationTimestamp:
            before?.metadata.creationTimestamp ??
            new Date(clock.now_ms()).toISOString().replace(/\.\d+/, ''),
          resourceVersion: String(isDryRun && before !== undefined ? version : next),
        },
      }
      if (isDryRun) return whole
      version = next
      things.set(keyOf(kind, metadata.namespace, metadata.name), { kind, object: whole })
      happened({ type: before === undefined ? 'ADDED' : 'MODIFIED', kind, object: whole, version })
      return whole
    },
    remove(kind, object) {
      version++
      things.delete(keyOf(kind, object.metadata.namespace, object.metadata.name))
      happened({ type: 'DELETED', kind, object, version })
    },
    follow(after, heard) {
      for (const event of events) if (event.version > after) heard(event)
      listeners.add(heard)
      return () => void listeners.delete(heard)
    },
  }
}
