import type { MaskerSpec } from '../../../core/verdict.ts'
import type { Leaf } from '../../../mask/json-leaves.ts'
import { editJson } from '../../../mask/json-leaves.ts'
import type { TextMasker } from '../../../mask/mask-text.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import { createMasker } from '../../../mask/maskers.ts'
import { stricter } from '../../../mask/strictness.ts'
import type { BodyTransform } from '../../http/api.ts'
import type { StorageMasks } from './stored-masks.ts'

export interface JsonMasking {
  readonly masks: StorageMasks
  readonly keys: MaskKeys
  readonly leafBytesMax: number
  /** Paths of columns that the leaf may be; the first names it in records. */
  readonly columns: (path: readonly string[]) => readonly (readonly string[])[]
  /** Searches texts that no column mask covers. */
  readonly search?: TextMasker
  /** Something else to write in a text's place: a link. */
  readonly link?: (text: string, path: readonly string[]) => string | undefined
  /** The answer's length was promised: a masked value takes as many bytes as it had. */
  readonly keepLength?: boolean
}

/** Masks leaves of JSON as it streams, each as often as it occurs. */
export function createJsonTransform(masking: JsonMasking): BodyTransform {
  const masked = new Set<string>()
  const editor = editJson((leaf) => {
    const edited = editLeaf(leaf, masking)
    if (edited === undefined) return undefined
    if (edited.masked) masked.add(leaf.path.join('.'))
    return masking.keepLength === true ? fitted(edited.raw, leaf.raw) : edited.raw
  }, masking.leafBytesMax)
  return {
    write: (chunk) => editor.write(chunk),
    end: () => editor.end(),
    get masked() {
      return [...masked]
    },
  }
}

function editLeaf(
  { path, raw }: Leaf,
  { masks, keys, columns, search, link }: JsonMasking,
): { readonly raw: string; readonly masked: boolean } | undefined {
  const candidates = columns(path)
  const covering = masks.columns.filter((mask) => candidates.some((one) => mask.covers(one)))
  if (covering.length > 0) {
    return {
      raw: maskLeaf(raw, covering.map((mask) => mask.with).reduce(stricter), keys),
      masked: true,
    }
  }
  if (!raw.startsWith('"')) return numberLeaf(raw, search)
  const text = JSON.parse(raw) as string
  const instead = link?.(text, path)
  if (instead !== undefined) return { raw: JSON.stringify(instead), masked: false }
  const shown = search === undefined ? text : search(text)
  return shown === text ? undefined : { raw: JSON.stringify(shown), masked: true }
}

function numberLeaf(raw: string, search: TextMasker | undefined) {
  if (search === undefined || !/^\d/.test(raw) || search(raw) === raw) return undefined
  return { raw: '0', masked: true }
}

/** Texts stay texts and numbers numbers where the masker has one of them; else null. */
function maskLeaf(raw: string, spec: MaskerSpec, keys: MaskKeys): string {
  if (raw === 'null') return raw
  if (!raw.startsWith('"')) {
    const kind = raw === 'true' || raw === 'false' ? 'boolean' : 'number'
    return createMasker(spec, kind, keys)(raw) ?? 'null'
  }
  const text = createMasker(spec, 'text', keys)(JSON.parse(raw) as string)
  return text === null ? 'null' : JSON.stringify(text)
}

/** Blanks may follow a value; what is too long gives way to a value that says as little. */
function fitted(masked: string, raw: string): string {
  const bytes = Buffer.byteLength(raw)
  const short = raw.startsWith('"') ? `"${'*'.repeat(Math.max(0, bytes - 2))}"` : '0'
  const value = Buffer.byteLength(masked) <= bytes ? masked : short
  return value + ' '.repeat(bytes - Buffer.byteLength(value))
}
