import type { ObjectPath } from '../../../core/object.ts'
import type { Copy } from '../../../core/operation.ts'
import type { Json } from '../../http/strict-json.ts'
import { PATCH_READINGS_MAX, POINTER_PLACES_MAX } from '../limits.ts'
import { textAt } from './body.ts'
import { otherNames } from './other-names.ts'

/** What a JSON patch (RFC 6902) does with values that are there already. */
export interface PatchReads {
  /** Values that it puts elsewhere: what was masked would be shown there. */
  readonly copies: readonly Copy[]
  /** Fields that it compares: whether they are equal shows in the answer. */
  readonly tested: readonly ObjectPath[]
  /** Those that it compares with all that is in them. */
  readonly testedWhole: readonly ObjectPath[]
}

const NOTHING: PatchReads = { copies: [], tested: [], testedWhole: [] }

/**
 * Reads the operations of a patch; `object` is what it changes. Other bodies are no list. Returns what
 * is wrong, in words, where so much is read that nobody could say in time what it is.
 */
export function patchReads(object: ObjectPath, body: Json | undefined): PatchReads | string {
  if (!Array.isArray(body)) return NOTHING
  const copies: Copy[] = []
  const tested: ObjectPath[] = []
  const testedWhole: ObjectPath[] = []
  for (const change of body as readonly Json[]) {
    const op = textAt(change, 'op')
    if (op === 'copy' || op === 'move') {
      const to = [...object, ...namesOf(textAt(change, 'path'))]
      for (const from of readings(object, textAt(change, 'from')).paths) {
        copies.push({ from, to, whole: true, defined: true })
      }
    } else if (op === 'test') {
      const { paths, isCut } = readings(object, textAt(change, 'path'))
      const into = comparesOne(change) && !isCut ? tested : testedWhole
      into.push(...paths)
    }
    const count = copies.length + tested.length + testedWhole.length
    if (count > PATCH_READINGS_MAX) return 'has a JSON patch with too many of copy, move and test'
  }
  return { copies, tested, testedWhole }
}

/** A text, a number and the like is equal to one of its kind, and to nothing that has fields. */
function comparesOne(change: Json): boolean {
  const value = (change as { readonly value?: Json }).value
  return typeof value !== 'object' || value === null
}

/** Names in a pointer, as the API server's own library takes it apart: what stands before the first `/` counts nothing. */
function namesOf(pointer = ''): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~').toWellFormed())
}

/** Places in a list, from its end too; `-` is behind the last. To fields they are names like others. */
const PLACE = /^([+-]?\d+|-)$/

/**
 * A pointer does not tell places in a list, which are no part of a path, from names that look like one:
 * each may be either. Of a pointer with many of them, all that is inside is meant.
 */
function readings(object: ObjectPath, pointer: string | undefined): Readings {
  let found: ObjectPath[] = [object]
  let places = 0
  for (const name of namesOf(pointer)) {
    const isPlace = PLACE.test(name)
    if (isPlace) places++
    if (places > POINTER_PLACES_MAX) break
    const named = found.map((path) => [...path, name])
    found = isPlace ? [...found, ...named] : named
  }
  const paths = found.flatMap((path) => [path, ...otherNames(path)])
  return { paths, isCut: places > POINTER_PLACES_MAX }
}

/** The two that are likely, for what is only shown: all of them are places, or none is. */
export function pathsOf(object: ObjectPath, pointer: string | undefined): readonly ObjectPath[] {
  const names = namesOf(pointer)
  const fields = names.filter((name) => !PLACE.test(name))
  const likely = fields.length === names.length ? [names] : [names, fields]
  return likely.map((path) => [...object, ...path]).flatMap((path) => [path, ...otherNames(path)])
}

interface Readings {
  readonly paths: readonly ObjectPath[]
  /** The paths end above what the pointer names. */
  readonly isCut: boolean
}
