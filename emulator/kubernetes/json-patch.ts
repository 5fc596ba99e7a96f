import { ApiProblem, isRecord } from './objects.ts'

interface Change {
  readonly op?: unknown
  readonly path?: unknown
  readonly from?: unknown
  readonly value?: unknown
}

type Holder = Record<string, unknown> | unknown[]

/**
 * A JSON patch as the API server's library (evanphx/json-patch) applies one, which is kinder than
 * RFC 6902: places count from a list's end, too, and may have a sign and zeros in front, what stands
 * before a pointer's first slash is nothing, and a field that is not there is copied as null.
 */
export function jsonPatched(target: unknown, changes: readonly Change[]): unknown {
  const root = structuredClone(target) as Holder
  for (const change of changes) apply(root, change)
  return root
}

function apply(root: Holder, { op, path, from, value }: Change): void {
  switch (op) {
    case 'add':
      add(found(root, path), value)
      break
    case 'remove':
      remove(found(root, path))
      break
    case 'replace': {
      const spot = found(root, path)
      get(spot)
      if (Array.isArray(spot.holder)) spot.holder[placeIn(spot.holder, spot.key)] = value
      else spot.holder[spot.key] = value
      break
    }
    case 'move': {
      const source = found(root, from)
      const moved = get(source)
      remove(source)
      add(found(root, path), moved)
      break
    }
    case 'copy':
      add(found(root, path), structuredClone(get(found(root, from)) ?? null))
      break
    case 'test': {
      const here = path === '' ? root : get(found(root, path))
      if (!isEqual(here, value)) throw problem(`testing value ${String(path)} failed`)
      break
    }
    default:
      throw problem(`unexpected kind: ${String(op)}`)
  }
}

interface Spot {
  readonly holder: Holder
  readonly key: string
}

function found(root: Holder, pointer: unknown): Spot {
  const words = typeof pointer === 'string' ? pointer.split('/').slice(1) : []
  const key = words.pop()
  if (key === undefined) throw problem(`the path ${String(pointer)} is not there`)
  let holder: unknown = root
  for (const word of words) {
    holder = Array.isArray(holder)
      ? (holder as unknown[])[placeIn(holder, unescaped(word))]
      : fieldOf(holder, unescaped(word))
  }
  if (!isRecord(holder) && !Array.isArray(holder)) {
    throw problem(`the path ${String(pointer)} is not there`)
  }
  return { holder, key: unescaped(key) }
}

function fieldOf(holder: unknown, name: string): unknown {
  return isRecord(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined
}

function get({ holder, key }: Spot): unknown {
  return Array.isArray(holder) ? holder[placeIn(holder, key)] : fieldOf(holder, key)
}

function add({ holder, key }: Spot, value: unknown): void {
  if (!Array.isArray(holder)) holder[key] = value
  else if (key === '-') holder.push(value)
  else holder.splice(placeIn(holder, key, holder.length + 1), 0, value)
}

function remove({ holder, key }: Spot): void {
  if (Array.isArray(holder)) holder.splice(placeIn(holder, key), 1)
  else if (!Object.hasOwn(holder, key)) throw problem(`${key} is not there`)
  else delete holder[key]
}

/** A place as Go's strconv.Atoi reads it; those below zero count from the end. */
function placeIn(list: readonly unknown[], word: string, length = list.length): number {
  const place = /^[+-]?\d+$/.test(word) ? Number(word) : NaN
  const at = place < 0 ? place + length : place
  if (!(at >= 0 && at < length)) throw problem(`the place ${word} is not there`)
  return at + 0
}

function unescaped(word: string): string {
  return word.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** Whatever the order of fields. */
function isEqual(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, at) => isEqual(value, other[at]))
  }
  if (!isRecord(one) || !isRecord(other)) return (one ?? null) === (other ?? null)
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isEqual(one[name], other[name]))
  )
}

function problem(message: string): ApiProblem {
  return new ApiProblem(422, 'Invalid', message)
}
