import type { ColumnMask, DetectMask, MaskRule } from '../../../core/verdict.ts'
import type { Leaf } from '../../../mask/json-leaves.ts'
import { createTextMasker } from '../../../mask/mask-text.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import { createMasker } from '../../../mask/maskers.ts'
import { stricter } from '../../../mask/strictness.ts'
import { objectOfId } from '../scope.ts'
import type { AzureNote } from './note.ts'

export interface AnswerMasker {
  /** The masked value as JSON; `undefined` keeps it. */
  mask(leaf: Leaf): string | undefined
  readonly masked: ReadonlySet<string>
}

/**
 * Masks the fields of one answer. A field is covered by its place in the object that was asked for
 * or, in a list, in the thing whose `id` came before it. What comes before an item's id is masked
 * where any mask may speak of something in the list.
 */
export function createAnswerMasker(
  note: Pick<AzureNote, 'object' | 'mixed' | 'list'>,
  masks: readonly MaskRule[],
  keys: MaskKeys,
): AnswerMasker {
  const columns = masks.filter((mask) => mask.type === 'columns')
  const detect = masks.filter((mask) => mask.type === 'detect')
  const masked = new Set<string>()
  const searchText = searcher(detect, 'text', keys)
  const searchNumber = searcher(detect, 'number', keys)
  let item: readonly string[] | undefined
  let at = -1

  function covering({ path, raw, item: index }: Leaf): readonly ColumnMask[] {
    if (columns.length === 0) return []
    if (index !== at) item = undefined
    at = index
    const inItem = note.list && path[0] === 'value' ? path.slice(1) : undefined
    if (inItem?.length === 1 && inItem[0] === 'id') item = itemOf(textIn(raw) ?? '')
    const whole = [...note.object, ...path]
    return columns.filter((mask) => {
      if (mask.covers(whole)) return true
      if (note.mixed !== undefined) return coversMixed(mask, path, note.mixed)
      if (inItem === undefined) return false
      if (item !== undefined) return mask.covers([...item, ...inItem])
      return inItem[0] !== 'id' && mask.touches?.(note.object) !== false
    })
  }

  /** Resource ids are whole; Graph's are below the collection that was asked for. */
  function itemOf(id: string): readonly string[] | undefined {
    const isArm = ['subscriptions', 'providers', 'tenants'].includes(note.object[0] ?? '')
    return isArm ? objectOfId(id) : [...note.object, id.toLowerCase()]
  }

  return {
    masked,
    mask(leaf) {
      const by = covering(leaf)
      const value = by.length > 0 ? maskWhole(leaf.raw, by, keys) : search(leaf.raw)
      if (value === undefined || value === leaf.raw) return undefined
      masked.add(leaf.path.join('.'))
      return value
    },
  }

  function search(raw: string): string | undefined {
    if (detect.length === 0) return undefined
    const text = textIn(raw)
    if (text === undefined) {
      if (!/^-?\d/.test(raw)) return undefined
      return searchNumber(raw) ?? 'null'
    }
    const shown = searchText(text)
    return shown === text ? undefined : JSON.stringify(shown)
  }
}

/** By the end of its path, or because all of something that was asked for is covered. */
function coversMixed(
  mask: ColumnMask,
  path: readonly string[],
  objects: readonly (readonly string[])[],
): boolean {
  if (mask.reaches?.(path) !== false || isDifference(path)) return true
  return path.some((_, at) => mask.reaches?.(path.slice(at)) !== false) || objects.some(mask.covers)
}

/** In a what-if the name of a field that changes is a value: which one this is cannot be told. */
function isDifference(path: readonly string[]): boolean {
  return path.includes('delta') && /^(before|after)$/.test(path.at(-1) ?? '')
}

function searcher(detect: readonly DetectMask[], kind: 'text' | 'number', keys: MaskKeys) {
  return createTextMasker(detect, kind, keys)
}

function maskWhole(raw: string, by: readonly ColumnMask[], keys: MaskKeys): string | undefined {
  if (raw === 'null') return undefined
  const spec = by.map((one) => one.with).reduce(stricter)
  const text = textIn(raw)
  if (text !== undefined) return JSON.stringify(createMasker(spec, 'text', keys)(text))
  if (/^-?\d/.test(raw)) return createMasker(spec, 'number', keys)(raw) ?? 'null'
  return 'null'
}

function textIn(raw: string): string | undefined {
  return raw.startsWith('"') ? (JSON.parse(raw) as string) : undefined
}
