import { EventEmitter } from 'node:events'

export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Readonly<Record<string, unknown>> & {
    readonly name: string
    readonly namespace?: string
    readonly resourceVersion?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly resource: string
  readonly object: KubeObject
}

/** What is in the cluster, in memory. Resources are named `secrets`, `deployments.apps`. */
export function createObjects() {
  const kept = new Map<string, KubeObject>()
  const changes = new EventEmitter()
  changes.setMaxListeners(0)
  let version = 100

  const keyOf = (resource: string, namespace: string | undefined, name: string) =>
    `${resource}/${namespace ?? ''}/${name}`

  function put(resource: string, object: KubeObject, isDryRun: boolean): KubeObject {
    const { metadata } = object
    const key = keyOf(resource, metadata.namespace, metadata.name)
    const before = kept.get(key)
    const uid = before?.metadata['uid'] ?? `uid-${version}`
    const stored: KubeObject = {
      ...object,
      metadata: {
        ...metadata,
        uid,
        resourceVersion: String(isDryRun ? version : ++version),
        creationTimestamp: before?.metadata['creationTimestamp'] ?? '2026-01-01T00:00:00Z',
      },
    }
    if (isDryRun) return stored
    kept.set(key, stored)
    const type = before === undefined ? 'ADDED' : 'MODIFIED'
    changes.emit('change', { type, resource, object: stored } satisfies WatchEvent)
    return stored
  }

  return {
    put,
    get: (resource: string, namespace: string | undefined, name: string) =>
      kept.get(keyOf(resource, namespace, name)),
    remove(resource: string, object: KubeObject): void {
      kept.delete(keyOf(resource, object.metadata.namespace, object.metadata.name))
      version++
      changes.emit('change', { type: 'DELETED', resource, object } satisfies WatchEvent)
    },
    list: (resource: string, namespace: string | undefined, selector: string | null) =>
      [...kept.entries()]
        .filter(([key]) => key.startsWith(`${resource}/`))
        .map(([, object]) => object)
        .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
        .filter((object) => selects(selector, object)),
    version: () => String(version),
    /** Returns how to stop. */
    watch(take: (event: WatchEvent) => void): () => void {
      changes.on('change', take)
      return () => changes.off('change', take)
    },
  }
}

export type Objects = ReturnType<typeof createObjects>

/** `app=web,tier=front`. */
function selects(selector: string | null, { metadata }: KubeObject): boolean {
  if (selector === null || selector === '') return true
  return selector.split(',').every((term) => {
    const [label = '', value] = term.split('=')
    return metadata.labels?.[label] === value
  })
}
