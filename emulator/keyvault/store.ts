import { randomBytes } from 'node:crypto'

/** A version of a secret, key or certificate. */
export interface Version<T> {
  readonly id: string
  readonly created_s: number
  updated_s: number
  enabled: boolean
  tags: Readonly<Record<string, string>> | undefined
  readonly content: T
}

export interface Thing<T> {
  readonly name: string
  /** Oldest first. */
  readonly versions: Version<T>[]
}

/** Things of one kind by name, whose case does not count; what is deleted stays until it is purged. */
export interface Shelf<T> {
  add(name: string, content: T, now_s: number): Version<T>
  find(name: string, version?: string): Version<T> | undefined
  thing(name: string): Thing<T> | undefined
  list(): readonly Thing<T>[]
  remove(name: string): Thing<T> | undefined
  deleted(name: string): Thing<T> | undefined
  listDeleted(): readonly Thing<T>[]
  recover(name: string): Thing<T> | undefined
  purge(name: string): boolean
  /** False if one of this name is there. */
  restore(thing: Thing<T>): boolean
}

export function createShelf<T>(): Shelf<T> {
  const present = new Map<string, Thing<T>>()
  const gone = new Map<string, Thing<T>>()
  const key = (name: string) => name.toLowerCase()
  const move = (name: string, from: Map<string, Thing<T>>, to: Map<string, Thing<T>>) => {
    const thing = from.get(key(name))
    if (thing === undefined) return undefined
    from.delete(key(name))
    to.set(key(name), thing)
    return thing
  }
  return {
    add(name, content, now_s) {
      let thing = present.get(key(name))
      if (thing === undefined) present.set(key(name), (thing = { name, versions: [] }))
      const version: Version<T> = {
        id: randomBytes(16).toString('hex'),
        created_s: now_s,
        updated_s: now_s,
        enabled: true,
        tags: undefined,
        content,
      }
      thing.versions.push(version)
      return version
    },
    find(name, version) {
      const versions = present.get(key(name))?.versions ?? []
      return version === undefined ? versions.at(-1) : versions.find((one) => one.id === version)
    },
    thing: (name) => present.get(key(name)),
    list: () => [...present.values()],
    remove: (name) => move(name, present, gone),
    deleted: (name) => gone.get(key(name)),
    listDeleted: () => [...gone.values()],
    recover: (name) => move(name, gone, present),
    purge: (name) => gone.delete(key(name)),
    restore(thing) {
      if (present.has(key(thing.name))) return false
      present.set(key(thing.name), thing)
      return true
    },
  }
}
