import type { Denial } from '../core/denial.ts'
import type { ObjectPath } from '../core/object.ts'
import { formatObject } from '../core/object.ts'
import type { Copy, Operation } from '../core/operation.ts'
import type { ColumnMask } from '../core/verdict.ts'
import { comparisonDenial, copyDenial, predicateDenial } from './denials.ts'

/** Ways in which a masked value would get past its mask: into a condition, or into another place. */
export function leakDenial(operation: Operation, masks: readonly ColumnMask[]): Denial | undefined {
  for (const mask of masks) {
    if (mask.predicates === 'deny') {
      const read = operation.predicates.find((path) => mayRead(operation, mask, path))
      const whole = operation.wholePredicates?.find((path) => touches(mask, path))
      const tried = read ?? whole ?? computedFrom(operation, mask)
      if (tried !== undefined) return predicateDenial(mask, formatObject(tried))
    }
    const copy = operation.copies?.find((one) => escapes(operation, one, mask))
    if (copy !== undefined) return copyDenial(mask, copy)
  }
  return undefined
}

/**
 * A masked column that the target compares by itself. The rules that mask it may take no part in the
 * operation, so all of the agent's masks count.
 */
export function comparedDenial(
  operation: Operation,
  masks: readonly ColumnMask[],
): Denial | undefined {
  if (operation.compares === undefined) return undefined
  for (const mask of masks) {
    if (mask.predicates !== 'deny') continue
    const path = operation.compares.find((column) => mayRead(operation, mask, column))
    if (path !== undefined) return comparisonDenial(mask, formatObject(path))
  }
  return undefined
}

/**
 * A masked column that a definition makes readable under another name: a view of it, a rename, a
 * parent that shows it, code. The rules that mask it need take no part in that, so all of the agent's
 * masks count.
 */
export function definedDenial(
  operation: Operation,
  masks: readonly ColumnMask[],
): Denial | undefined {
  for (const copy of operation.copies ?? []) {
    const mask = copy.defined && masks.find((one) => escapes(operation, copy, one))
    if (mask) return copyDenial(mask, copy)
  }
  return undefined
}

/**
 * A copy to where the same mask follows is none, unless the mask shows a part of the value: another
 * part would come to show, as with `card = substr(card, 5) || left(card, 4)`.
 */
function escapes(operation: Operation, { from, to, whole }: Copy, mask: ColumnMask): boolean {
  if (from === 'unknown') return true
  if (whole === true) return touches(mask, from)
  if (!mayRead(operation, mask, from)) return false
  return !(mask.covers(to) && SHOWS_NOTHING.has(mask.with.name))
}

const SHOWS_NOTHING: ReadonlySet<string> = new Set(['null', 'redact', 'number'])

/**
 * A covered column that an output is computed from. The output would be masked whole, and so is good
 * for one thing: to see whether the computation fails, or how many rows it makes.
 */
function computedFrom(operation: Operation, mask: ColumnMask): ObjectPath | undefined {
  for (const outputs of operation.results) {
    if (typeof outputs === 'string') continue
    for (const { sources } of outputs) {
      if (sources === 'unknown') continue
      const source = sources.find(({ column, exact }) => !exact && mayRead(operation, mask, column))
      if (source !== undefined) return source.column
    }
  }
  return undefined
}

/**
 * Where a path ends above the columns, all that lies in it is read. `**.email` may be anywhere in a
 * table, and is in no other column, so it matters whether the path is that of an object.
 */
function mayRead(operation: Operation, mask: ColumnMask, path: ObjectPath): boolean {
  if (mask.covers(path) || mask.touchesInside?.(path) === true) return true
  return isObject(operation, path) && touches(mask, path)
}

function isObject({ accesses }: Operation, path: ObjectPath): boolean {
  return accesses.some(
    ({ object }) =>
      path.length <= object.length && path.every((name, index) => name === object[index]),
  )
}

function touches(mask: ColumnMask, object: ObjectPath): boolean {
  return mask.touches?.(object) ?? true
}
