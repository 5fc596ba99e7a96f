import type { Document, ParsedNode, YAMLError } from 'yaml'
import { isMap, isPair, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Place } from '../core/errors.ts'
import type { Problem } from './problems.ts'
import { formatField } from './problems.ts'

/** More alias expansions than this is an attack or an accident, not a configuration. */
const ALIAS_EXPANSIONS_MAX = 100

export interface YamlDocument {
  readonly value: unknown
  /** Syntax errors and duplicate keys; `value` means nothing when there are any. */
  readonly problems: readonly Problem[]
  /** Where the value at a path begins; the nearest parent that exists when it does not. */
  valuePlace(path: readonly PropertyKey[]): Place
  /** Where the key at a path is written. */
  keyPlace(path: readonly PropertyKey[]): Place
}

/** Reads exactly one YAML 1.2 document; never throws. `file` is used for places only. */
export function readYaml(text: string, file: string): YamlDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    prettyErrors: false,
    stringKeys: true,
  })
  const place = (offset: number | undefined, path: readonly PropertyKey[]): Place => {
    const position = lines.linePos(offset ?? 0)
    const field = formatField(path)
    return {
      file,
      line: Math.max(1, position.line),
      column: Math.max(1, position.col),
      ...(field === '' ? {} : { field }),
    }
  }
  const problems: Problem[] = [...document.errors, ...document.warnings].map((error) => ({
    ...wordsOf(error),
    place: place(error.pos[0], []),
  }))
  return {
    value: problems.length > 0 ? undefined : expand(document, problems, file),
    problems,
    valuePlace: (path) => place(valueOffset(document.contents, path), path),
    keyPlace: (path) => place(keyOffset(document.contents, path), path),
  }
}

function expand(document: Document.Parsed, problems: Problem[], file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIAS_EXPANSIONS_MAX }) as unknown
  } catch {
    problems.push({ message: 'aliases expand to too much', place: { file, line: 1, column: 1 } })
    return undefined
  }
}

function wordsOf({ code, message }: YAMLError): Omit<Problem, 'place'> {
  if (code !== 'MULTIPLE_DOCS') return { message: firstLine(message) }
  return {
    message: 'a second document begins here, and a file holds one',
    hint: 'Put what follows in a file of its own.',
  }
}

function firstLine(message: string): string {
  const end = message.indexOf('\n')
  return end < 0 ? message : message.slice(0, end)
}

function valueOffset(root: ParsedNode | null, path: readonly PropertyKey[]): number | undefined {
  let node: unknown = root
  let offset = root?.range[0]
  for (const part of path) {
    const pair = pairOf(node, part)
    const next = pair === undefined ? itemOf(node, part) : (pair.value ?? pair.key)
    if (next === undefined) break
    node = next
    offset = rangeStart(next) ?? offset
  }
  return offset
}

function keyOffset(root: ParsedNode | null, path: readonly PropertyKey[]): number | undefined {
  const last = path.at(-1)
  let node: unknown = root
  for (const part of path.slice(0, -1)) node = pairOf(node, part)?.value ?? itemOf(node, part)
  const key = last === undefined ? undefined : pairOf(node, last)?.key
  return rangeStart(key) ?? valueOffset(root, path)
}

function pairOf(node: unknown, key: PropertyKey): { key: unknown; value: unknown } | undefined {
  if (!isMap(node)) return undefined
  return node.items.find(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key),
  )
}

function itemOf(node: unknown, index: PropertyKey): unknown {
  if (typeof node !== 'object' || node === null || !('items' in node)) return undefined
  return typeof index === 'number' ? (node.items as unknown[])[index] : undefined
}

function rangeStart(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined
  return (node.range as [number] | null | undefined)?.[0]
}
