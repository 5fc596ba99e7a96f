import type { ObjectPath } from '../../core/object.ts'
import type { Copy } from '../../core/operation.ts'
import type { Json } from '../../http/strict-json.ts'
import { textAt } from './body.ts'
import { otherNames } from './other-names.ts'

/** What a JSON patch (RFC 6902) does with values that are there already. */
export interface PatchReads {
  /** Values that it puts elsewhere: what was masked would be shown there. */
  readonly copies: readonly Copy[]
  /** Fields that it compares: whether they are equal shows in the answer. */
  readonly tested: readonly ObjectPath[]
}

const NOTHING: PatchReads = { copies: [], tested: [] }

/** Reads the operations of a patch; `object` is what it changes. Other bodies are no list. */
export function patchReads(object: ObjectPath, body: Json): PatchReads {
  if (!Array.isArray(body)) return NOTHING
  const changes = body as readonly Json[]
  return {
    copies: changes.flatMap((change) => {
      const op = textAt(change, 'op')
      if (op !== 'copy' && op !== 'move') return []
      const to = pathsOf(object, textAt(change, 'path'))[0]!
      return pathsOf(object, textAt(change, 'from')).map((from): Copy => ({
        from,
        to,
        whole: true,
        defined: true,
      }))
    }),
    tested: changes.flatMap((change) =>
      textAt(change, 'op') === 'test' ? pathsOf(object, textAt(change, 'path')) : [],
    ),
  }
}

/** A pointer does not tell places in a list from names that are numbers: both are meant. */
export function pathsOf(object: ObjectPath, pointer = ''): readonly ObjectPath[] {
  const names = pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  const named = names.filter((name) => !/^(\d+|-)$/.test(name))
  const readings = named.length === names.length ? [names] : [names, named]
  return readings.flatMap((reading) => {
    const path = [...object, ...reading]
    return [path, ...otherNames(path)]
  })
}
