import type { Reply, Request } from '../entra/http.ts'
import type { Place } from './answers.ts'
import { deletion, failed, idOf, missing, ok, page, sealed, unsealed } from './answers.ts'
import type { Shelf, Version } from './store.ts'

/** How one kind of thing is shown; `item` in lists, `bundle` alone. */
export interface Kind<T> {
  readonly place: Place
  readonly shelf: Shelf<T>
  item(name: string, version: Version<T>, withVersion: boolean): object
  bundle(name: string, version: Version<T>): object
}

export interface Call {
  readonly request: Request
  /** Below the collection. */
  readonly path: readonly string[]
  readonly body: Readonly<Record<string, unknown>>
  readonly now_s: number
}

/** What secrets, keys and certificates have in common: lists, versions, attributes, soft deletion. */
export function answerShared<T>(kind: Kind<T>, call: Call): Reply | undefined {
  const { place, shelf } = kind
  const { method, query } = call.request
  const [name, second, ...more] = call.path
  if (more.length > 0) return undefined
  if (name === undefined) {
    if (method !== 'GET') return undefined
    const address = `${place.url}/${place.collection}`
    return page(shelf.list(), query, address, (thing) =>
      kind.item(thing.name, thing.versions.at(-1)!, false),
    )
  }
  if (name === 'restore' && method === 'POST') return restored(kind, call)
  const thing = shelf.thing(name)
  if (second === 'versions' && method === 'GET') {
    const address = `${idOf(place, name)}/versions`
    return page(thing?.versions ?? [], query, address, (version) =>
      kind.item(thing!.name, version, true),
    )
  }
  if (second === 'backup' && method === 'POST') {
    return thing === undefined ? missing(place.collection, name) : sealed(thing)
  }
  const version = shelf.find(name, second === '' ? undefined : second)
  if (method === 'GET')
    return version === undefined
      ? missing(place.collection, name)
      : ok(kind.bundle(thing!.name, version))
  if (method === 'PATCH')
    return version === undefined
      ? missing(place.collection, name)
      : updated(kind, name, version, call)
  if (method !== 'DELETE' || second !== undefined) return undefined
  const removed = shelf.remove(name)
  if (removed === undefined) return missing(place.collection, name)
  return ok(deletedBundle(kind, removed.name, removed.versions.at(-1)!, call.now_s))
}

/** `/deletedsecrets` and the like. */
export function answerDeleted<T>(kind: Kind<T>, call: Call): Reply | undefined {
  const { place, shelf } = kind
  const { method, query } = call.request
  const [name, verb] = call.path
  if (name === undefined) {
    return page(shelf.listDeleted(), query, `${place.url}/deleted${place.collection}`, (thing) => ({
      ...kind.item(thing.name, thing.versions.at(-1)!, false),
      ...deletion(place, thing.name, call.now_s),
    }))
  }
  const thing = shelf.deleted(name)
  if (thing === undefined) return missing(place.collection, name)
  if (method === 'GET' && verb === undefined) {
    return ok(deletedBundle(kind, name, thing.versions.at(-1)!, call.now_s))
  }
  if (method === 'DELETE' && verb === undefined) {
    shelf.purge(name)
    return { status: 204, body: '' }
  }
  if (method !== 'POST' || verb !== 'recover') return undefined
  shelf.recover(name)
  return ok(kind.bundle(thing.name, thing.versions.at(-1)!))
}

function deletedBundle<T>(kind: Kind<T>, name: string, version: Version<T>, now_s: number): object {
  const { value: _, ...bundle } = kind.bundle(name, version) as Record<string, unknown>
  return { ...bundle, ...deletion(kind.place, name, now_s) }
}

function restored<T>(kind: Kind<T>, { body }: Call): Reply {
  const thing = unsealed<T>(body['value'])
  if (thing === undefined) return failed(400, 'BadParameter', 'The backup is malformed.')
  if (!kind.shelf.restore(thing)) return failed(409, 'Conflict', `${thing.name} already exists.`)
  return ok(kind.bundle(thing.name, thing.versions.at(-1)!))
}

function updated<T>(kind: Kind<T>, name: string, version: Version<T>, call: Call): Reply {
  applyAttributes(version, call)
  return ok(kind.bundle(name, version))
}

export function applyAttributes(version: Version<unknown>, { body, now_s }: Call): void {
  const { attributes, tags } = body as {
    attributes?: { enabled?: boolean }
    tags?: Record<string, string>
  }
  if (attributes?.enabled !== undefined) version.enabled = attributes.enabled
  if (tags !== undefined) version.tags = tags
  version.updated_s = now_s
}
