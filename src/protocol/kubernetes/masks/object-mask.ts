import type { MaskerSpec, MaskRule } from '../../../core/verdict.ts'
import type { Leaf, LeafEdit, NameEdit } from '../../../mask/json-leaves.ts'
import { editJson } from '../../../mask/json-leaves.ts'
import { createTextMasker } from '../../../mask/mask-text.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import { createMasker, REDACTED } from '../../../mask/maskers.ts'
import { stricter } from '../../../mask/strictness.ts'
import type { Json } from '../../http/strict-json.ts'
import { isObject, readStrictJson } from '../../http/strict-json.ts'
import { OBJECT_BYTES_MAX } from '../limits.ts'
import { fieldAt, textAt } from '../request/body.ts'
import { CLUSTER } from '../request/operation.ts'
import { otherNames } from '../request/other-names.ts'
import { labelsSelected } from '../request/selectors.ts'
import type { ListField } from './item-splitter.ts'
import { broken, LIST_FIELDS } from './item-splitter.ts'
import { holdsValue, managedName } from './managed-names.ts'

/** Masks whole documents: an object, a list of them, a table, an event of a watch. */
export interface ObjectMasker {
  /** One object, or a table. JSON in, JSON out; throws TARGET_PROTOCOL where it is none. */
  mask(document: Buffer): Buffer
  /** One event of a watch. */
  maskEvent(document: Buffer): Buffer
  /** A list that came as a whole, or what is said in its place. */
  maskCollection(document: Buffer): Buffer
  /** One item of a list, or one row of a table. */
  maskItem(item: Buffer, list: ListField): Buffer
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

/** An annotation that holds a copy of the whole object. */
const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const OWN_ANNOTATIONS = ['metadata', 'annotations']

const SCALE_SELECTOR = ['status', 'selector']
/** Where those labels stand in what is scaled. */
const LABELS_SELECTED = [
  ['spec', 'selector', 'matchLabels'],
  ['spec', 'selector'],
  ['spec', 'template', 'metadata', 'labels'],
]

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
    const edit = (leaf: Leaf): string | undefined => {
      const inObject = startsWith(leaf.path, prefix)
      const path = inObject ? leaf.path.slice(prefix.length) : leaf.path
      return editLeaf({ ...leaf, path }, inObject ? identity : undefined)
    }
    const maskInner = (json: Buffer, at: readonly string[]) =>
      edited(json, (leaf) => edit({ ...leaf, path: [...prefix, ...at, ...leaf.path] }))
    return edited(document, edit, (name, pathOf) => {
      if (!holdsValue(name)) return undefined
      const path = pathOf()
      return startsWith(path, prefix)
        ? managedName(path.slice(prefix.length), maskInner)
        : undefined
    })
  }

  /** `identity` is absent for what stands beside the object: cells of a table. */
  function editLeaf({ path, raw }: Leaf, identity: readonly string[] | undefined) {
    if (raw === 'null') return undefined
    const plain = path.at(-1) === APPLIED ? withoutCopies(path, raw, identity) : raw
    const spec =
      identity === undefined
        ? beside(path)
        : (covering([...identity, ...path]) ?? coveringLabels(identity, path, plain))
    const shown = (spec === undefined ? searched(path, plain) : whole(path, plain, spec)) ?? plain
    if (shown === raw) return undefined
    masked.add(path.join('.'))
    return shown
  }

  function covering(path: readonly string[]): MaskerSpec | undefined {
    const paths = [path, ...otherNames(path)]
    const by = columns
      .filter((mask) => paths.some((one) => mask.covers(one)))
      .map((mask) => mask.with)
    return by.length === 0 ? undefined : by.reduce(stricter)
  }

  /** `app=web`: what a `Scale` shows of the labels by which its object finds its pods. */
  function coveringLabels(
    identity: readonly string[],
    path: readonly string[],
    raw: string,
  ): MaskerSpec | undefined {
    if (columns.length === 0 || !sameFields(path, SCALE_SELECTOR)) return undefined
    const labels = labelsSelected(textIn(raw) ?? '')
    const inside = (labels ?? []).flatMap((label) =>
      LABELS_SELECTED.map((place) => covering([...identity, ...place, label])),
    )
    const by = labels === undefined ? [{ name: 'redact' } as const] : inside
    return by
      .filter((spec) => spec !== undefined)
      .reduce<MaskerSpec | undefined>(
        (one, other) => (one === undefined ? other : stricter(one, other)),
        undefined,
      )
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

  /** A copy of another object than this one is of nobody knows what. */
  function withoutCopies(
    path: readonly string[],
    raw: string,
    identity: readonly string[] | undefined,
  ): string {
    const isOwn = identity !== undefined && sameFields(path.slice(0, -1), OWN_ANNOTATIONS)
    if (!isOwn) return columns.length === 0 ? raw : written(REDACTED)
    try {
      return written(maskObject(Buffer.from(textIn(raw) ?? ''), [], identity).toString('utf8'))
    } catch {
      return written(REDACTED)
    }
  }

  function identityOf(object: Json | undefined): readonly string[] {
    const name = textAt(object, 'metadata', 'name') ?? ''
    return [textAt(object, 'metadata', 'namespace') ?? namespace ?? CLUSTER, resource, name]
  }

  /** Whatever its fields are called: an object of a custom kind may look like a list or an event. */
  function mask(document: Buffer): Buffer {
    const value = parsed(document)
    if (columns.length > 0 && !isObject(value)) throw broken('is no object')
    return isTable(value) ? maskList(value, 'rows') : maskObject(document, [], identityOf(value))
  }

  function maskEvent(document: Buffer): Buffer {
    const value = parsed(document)
    onlyFields(value, EVENT_FIELDS)
    const inner = fieldAt(value, 'object') ?? null
    if (!isTable(inner)) return maskObject(document, ['object'], identityOf(inner))
    return rewritten(value, 'object', maskList(inner, 'rows'))
  }

  function maskCollection(document: Buffer): Buffer {
    const value = parsed(document)
    return Array.isArray(fieldAt(value, 'items')) ? maskList(value, 'items') : mask(document)
  }

  /** What stands beside the elements is not looked at, so only a list's own fields may. */
  function maskList(value: Json, list: ListField): Buffer {
    const odd = Object.keys(isObject(value) ? value : {}).find((name) => !LIST_FIELDS.has(name))
    if (odd !== undefined) throw broken('has a field that lists do not have')
    const each = (fieldAt(value, list) as readonly Json[]).map((item) =>
      parsed(maskItem(Buffer.from(JSON.stringify(item)), list)),
    )
    return rewritten(value, list, Buffer.from(JSON.stringify(each)))
  }

  function maskItem(item: Buffer, list: ListField): Buffer {
    const value = parsed(item)
    if (list === 'items') return maskObject(item, [], identityOf(value))
    onlyFields(value, ROW_FIELDS)
    return maskObject(item, ['object'], identityOf(fieldAt(value, 'object')))
  }

  return { mask, maskEvent, maskCollection, maskItem, masked }
}

function edited(document: Buffer, edit: LeafEdit, editName?: NameEdit): Buffer {
  const editor = editJson(edit, OBJECT_BYTES_MAX, editName)
  return Buffer.concat([editor.write(document), editor.end()])
}

const EVENT_FIELDS: ReadonlySet<string> = new Set(['type', 'object'])
const ROW_FIELDS: ReadonlySet<string> = new Set(['cells', 'conditions', 'object'])

/** What stands beside the object is masked by nobody's name. */
function onlyFields(value: Json, known: ReadonlySet<string>): void {
  const odd = !isObject(value) || Object.keys(value).some((name) => !known.has(name))
  if (odd) throw broken('has a field that is not known')
}

function isTable(value: Json): boolean {
  const isMeta = textAt(value, 'apiVersion')?.startsWith('meta.k8s.io/') === true
  return isMeta && textAt(value, 'kind') === 'Table' && Array.isArray(fieldAt(value, 'rows'))
}

function rewritten(value: Json, field: string, part: Buffer): Buffer {
  const rest = isObject(value) ? value : {}
  return Buffer.from(JSON.stringify({ ...rest, [field]: parsed(part) }))
}

/** Read as the client will: of a field that stands twice, nobody knows whose value counts. */
export function parsed(document: Buffer): Json {
  const read = readStrictJson(document)
  if (typeof read === 'string') throw broken(read)
  return read.value
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
