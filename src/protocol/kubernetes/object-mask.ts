import type { MaskerSpec, MaskRule } from '../../core/verdict.ts'
import type { Leaf } from '../../mask/json-leaves.ts'
import { editJson } from '../../mask/json-leaves.ts'
import type { MaskKeys } from '../../mask/maskers.ts'
import { createMasker } from '../../mask/maskers.ts'
import { createTextMasker } from '../../mask/mask-text.ts'
import { stricter } from '../../mask/strictness.ts'
import type { Json } from '../../http/strict-json.ts'
import { isObject } from '../../http/strict-json.ts'
import { fieldAt, textAt } from './body.ts'
import { OBJECT_BYTES_MAX } from './limits.ts'
import { CLUSTER } from './operation.ts'

/** Masks whole documents: an object, a list of them, a table, an event of a watch. */
export interface ObjectMasker {
  /** JSON in, JSON out. Throws TARGET_PROTOCOL where it is none. */
  mask(document: Buffer): Buffer
  /** One item of a list, or one row of a table. */
  maskItem(item: Buffer): Buffer
  /** Paths of fields whose values were masked. */
  readonly masked: ReadonlySet<string>
}

export interface MaskedKind {
  /** `secrets`, `deployments.apps`. */
  readonly resource: string
  /** Of the request, for objects that do not tell. */
  readonly namespace: string | undefined
  readonly masks: readonly MaskRule[]
  readonly keys: MaskKeys
}

/** A copy of the whole object, in an annotation of it. */
const APPLIED = ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration']

/** Values that are in base64: what is masked is what they say. */
const ENCODED: Readonly<Record<string, ReadonlySet<string>>> = {
  secrets: new Set(['data']),
  configmaps: new Set(['binaryData']),
}

export function createObjectMasker({ resource, namespace, masks, keys }: MaskedKind): ObjectMasker {
  const columns = masks.filter((mask) => mask.type === 'columns')
  const detect = masks.filter((mask) => mask.type === 'detect')
  const search = createTextMasker(detect, 'text', keys)
  const searchNumber = createTextMasker(detect, 'number', keys)
  const masked = new Set<string>()

  /** `prefix`: where the object stands in the document. */
  function maskObject(document: Buffer, prefix: readonly string[], identity: readonly string[]) {
    const editor = editJson((leaf) => {
      const inObject = startsWith(leaf.path, prefix)
      const path = inObject ? leaf.path.slice(prefix.length) : leaf.path
      return editLeaf({ ...leaf, path }, inObject ? identity : undefined)
    }, OBJECT_BYTES_MAX)
    return Buffer.concat([editor.write(document), editor.end()])
  }

  /** `identity` is absent for what stands beside the object: cells of a table. */
  function editLeaf(leaf: Leaf, identity: readonly string[] | undefined): string | undefined {
    const { path, raw } = leaf
    if (raw === 'null') return undefined
    if (identity !== undefined && sameFields(path, APPLIED)) return maskApplied(raw, identity)
    const spec = identity === undefined ? beside(path) : covering([...identity, ...path])
    const edited = spec === undefined ? searched(path, raw) : whole(path, raw, spec)
    if (edited === undefined || edited === raw) return undefined
    masked.add(path.join('.'))
    return edited
  }

  function covering(path: readonly string[]): MaskerSpec | undefined {
    const by = columns.filter((mask) => mask.covers(path)).map((mask) => mask.with)
    return by.length === 0 ? undefined : by.reduce(stricter)
  }

  /** Nothing tells which field a cell of a table shows. */
  function beside([field]: readonly string[]): MaskerSpec | undefined {
    return columns.length > 0 && field === 'cells' ? { name: 'redact' } : undefined
  }

  function whole(path: readonly string[], raw: string, spec: MaskerSpec): string {
    const text = textIn(raw)
    if (text === undefined) {
      const kind = raw === 'true' || raw === 'false' ? 'boolean' : 'number'
      return createMasker(spec, kind, keys)(raw) ?? 'null'
    }
    const masker = createMasker(spec, 'text', keys)
    return written(isEncoded(path) ? encoded(masker(decoded(text))) : masker(text))
  }

  function searched(path: readonly string[], raw: string): string | undefined {
    if (detect.length === 0) return undefined
    const text = textIn(raw)
    if (text === undefined) return /^-?\d/.test(raw) ? (searchNumber(raw) ?? 'null') : undefined
    if (!isEncoded(path)) return changed(text, search(text))
    const plain = decoded(text)
    const shown = search(plain)
    return shown === plain ? undefined : written(encoded(shown))
  }

  function isEncoded([field = '']: readonly string[]): boolean {
    return ENCODED[resource]?.has(field) === true
  }

  function maskApplied(raw: string, identity: readonly string[]): string | undefined {
    const text = textIn(raw) ?? ''
    try {
      return changed(text, maskObject(Buffer.from(text), [], identity).toString('utf8'))
    } catch {
      return written('[redacted]')
    }
  }

  function identityOf(object: Json | undefined): readonly string[] {
    const name = textAt(object, 'metadata', 'name') ?? ''
    return [textAt(object, 'metadata', 'namespace') ?? namespace ?? CLUSTER, resource, name]
  }

  /** Items of a list that came as a whole stand inside it, so they are masked one by one. */
  function maskWhole(document: Buffer): Buffer {
    const value = parsed(document)
    const inner = fieldAt(value, 'object')
    if (isObject(inner) && textAt(value, 'type') !== undefined) {
      return listed(inner)
        ? rewritten(value, 'object', maskWhole(Buffer.from(JSON.stringify(inner))))
        : maskObject(document, ['object'], identityOf(inner))
    }
    const items = listed(value)
    if (items === undefined) return maskObject(document, [], identityOf(value))
    const each = (fieldAt(value, items) as readonly Json[]).map((item) =>
      parsed(maskItem(Buffer.from(JSON.stringify(item)))),
    )
    return rewritten(value, items, Buffer.from(JSON.stringify(each)))
  }

  function maskItem(item: Buffer): Buffer {
    const value = parsed(item)
    const isRow = Array.isArray(fieldAt(value, 'cells'))
    if (!isRow) return maskObject(item, [], identityOf(value))
    return maskObject(item, ['object'], identityOf(fieldAt(value, 'object')))
  }

  return { mask: maskWhole, maskItem, masked }
}

/** A `Status` without the words of it, which may quote what is masked; reasons and fields stay. */
export function withoutWords(masker: ObjectMasker): ObjectMasker {
  const withheld = new Set<string>()
  const redact = (document: Buffer): Buffer => {
    const editor = editJson(({ path }) => {
      if (path.at(-1) !== 'message') return undefined
      withheld.add(path.join('.'))
      return written(WITHHELD)
    }, OBJECT_BYTES_MAX)
    return Buffer.concat([editor.write(document), editor.end()])
  }
  return {
    mask: (document) => redact(masker.mask(document)),
    maskItem: (item) => redact(masker.maskItem(item)),
    get masked() {
      return new Set([...masker.masked, ...withheld])
    },
  }
}

const WITHHELD =
  'The cluster refused it; its words are not shown, since a mask is on this object (MASK_UNPROVABLE).'

function listed(value: Json): 'items' | 'rows' | undefined {
  const lists = ['items', 'rows'] as const
  return lists.find(
    (name) => Array.isArray(fieldAt(value, name)) && /List$|^Table$/.test(kindOf(value)),
  )
}

function kindOf(value: Json): string {
  return textAt(value, 'kind') ?? ''
}

function rewritten(value: Json, field: string, part: Buffer): Buffer {
  const rest = isObject(value) ? value : {}
  return Buffer.from(JSON.stringify({ ...rest, [field]: parsed(part) }))
}

function parsed(document: Buffer): Json {
  // A document that is none is told by the editor, in the right words.
  try {
    return JSON.parse(document.toString('utf8')) as Json
  } catch {
    return null
  }
}

function startsWith(path: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((name, at) => path[at] === name)
}

function sameFields(path: readonly string[], other: readonly string[]): boolean {
  return path.length === other.length && startsWith(path, other)
}

function textIn(raw: string): string | undefined {
  return raw.startsWith('"') ? (JSON.parse(raw) as string) : undefined
}

function changed(text: string, shown: string | null): string | undefined {
  return shown === text ? undefined : written(shown)
}

function written(text: string | null): string {
  return text === null ? 'null' : JSON.stringify(text)
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8')
}

function encoded(text: string | null): string | null {
  return text === null ? null : Buffer.from(text, 'utf8').toString('base64')
}
