import { spell } from '../../spelling.ts'

/** A resource's full type and its names; a name that an expression makes is `undefined`. */
export interface TypeAndName {
  /** Namespace first: `['Microsoft.Sql', 'servers', 'databases']`. */
  readonly types: readonly string[]
  readonly names: readonly (string | undefined)[]
}

const WORD = /^[A-Za-z][A-Za-z0-9.-]{0,127}$/

/**
 * The full type of a resource. Below a parent it may be written short (`extensions`) or in full. An
 * expression, or anything that is no type, is `undefined`.
 */
export function readTypes(
  type: string,
  parent: TypeAndName | undefined,
): readonly string[] | undefined {
  const words = type.split('/')
  if (!words.every((word) => WORD.test(word))) return undefined
  const spelled = words.map(spell)
  const isFull = spelled[0]!.includes('.') && spelled.length > 1
  // The old form of extension resources has its namespace in the name, which may be an expression.
  if (words.some((word) => word.toLowerCase() === 'providers')) return undefined
  // A child of another type would be an extension, whose place a reader may see elsewhere.
  const continues = parent?.types.every((word, at) => word === spelled[at]) ?? true
  if (isFull) return continues ? spelled : undefined
  return parent === undefined ? undefined : [...parent.types, ...spelled]
}

/** One name for each type below the namespace. */
export function readNames(
  name: string,
  types: readonly string[],
  parent: TypeAndName | undefined,
  parameters: ReadonlyMap<string, string>,
): readonly (string | undefined)[] {
  const wanted = types.length - 1
  const unknown = Array.from({ length: wanted }, () => undefined)
  const text = literal(name, parameters)
  if (text === undefined) return [...(startOf(types, parent) ?? []), ...unknown].slice(0, wanted)
  const parts = text.split('/')
  if (!parts.every(isPlainName)) return unknown
  const named = parts.map((part) => part.toLowerCase())
  if (named.length === wanted) return named
  const full = [...(parent?.names ?? []), ...named]
  return full.length === wanted ? full : unknown
}

/** The parent's names, where the type continues the parent's. */
function startOf(types: readonly string[], parent: TypeAndName | undefined) {
  const continues = parent?.types.every((word, at) => word === types[at]) ?? false
  return continues ? parent?.names : undefined
}

/** A plain text, or `[parameters('x')]` of a parameter whose text is known. */
function literal(text: string, parameters: ReadonlyMap<string, string>): string | undefined {
  if (!text.startsWith('[')) return text
  const [, name] = /^\[parameters\('([A-Za-z0-9_-]+)'\)\]$/i.exec(text) ?? []
  return name === undefined ? undefined : parameters.get(name.toLowerCase())
}

function isPlainName(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return text !== '' && text !== '.' && text !== '..' && !/[\u0000-\u001f\u007f%?#\\[\]]/.test(text)
}
