import type * as Pg from 'libpg-query'

/** A node of the raw parse tree: an object with its kind as the only key. A list may hold `{}`. */
export type Node = Pg.Node

export type NodeKind = Node extends infer N ? (N extends unknown ? keyof N : never) : never

export type BodyOf<K extends NodeKind> =
  Extract<Node, Record<K, unknown>> extends Record<K, infer B> ? B : never

/** Any part of a tree: a node, a struct that a field embeds, a list or a plain value. */
export type Tree = Readonly<Record<string, unknown>>

export function kindOf(node: Node): NodeKind | undefined {
  for (const key in node) return key as NodeKind
  return undefined
}

/** The kind as plain text, for choices that name only a few of the kinds. */
export function tagOf(node: Node | undefined): string {
  return (node === undefined ? undefined : kindOf(node)) ?? ''
}

export function bodyOf<K extends NodeKind>(node: Node | undefined, kind: K): BodyOf<K> | undefined {
  return (node as Partial<Record<NodeKind, unknown>> | undefined)?.[kind] as BodyOf<K> | undefined
}

/** The only key of a node starts with a capital (or `A_`); fields of structs never do. */
export function isNode(tree: Tree): boolean {
  for (const key in tree) {
    const code = key.charCodeAt(0)
    return code >= 65 && code <= 90
  }
  return false
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function textOf(node: Node | undefined): string | undefined {
  const body = bodyOf(node, 'String')
  return body === undefined ? undefined : (body.sval ?? '')
}

/** The strings of a list such as a qualified name; anything else in it is left out. */
export function texts(nodes: readonly Node[] | undefined): string[] {
  const found: string[] = []
  for (const node of nodes ?? []) {
    const text = textOf(node)
    if (text !== undefined) found.push(text)
  }
  return found
}

/** Casts that leave a string as it is written; one with a length could cut it. */
const PLAIN_CASTS = new Set(['text', 'regclass'])

/** The value of a string constant, perhaps cast to text; undefined for any other expression. */
export function constantText(node: Node | undefined): string | undefined {
  const constant = bodyOf(node, 'A_Const')
  if (constant !== undefined) {
    return constant.sval === undefined ? undefined : (constant.sval.sval ?? '')
  }
  const cast = bodyOf(node, 'TypeCast')
  const type = cast?.typeName
  if (type === undefined || type.typmods !== undefined || type.arrayBounds !== undefined) {
    return undefined
  }
  const names = texts(type.names)
  const plain = PLAIN_CASTS.has(names.at(-1) ?? '')
  const builtin = names.length === 1 || names[0] === 'pg_catalog'
  return plain && builtin ? constantText(cast?.arg) : undefined
}

export function constantInteger(node: Node | undefined): number | undefined {
  const constant = bodyOf(node, 'A_Const')
  return constant?.ival === undefined ? undefined : (constant.ival.ival ?? 0)
}

/** The relations in FROM, through joins; not those in sub-queries. */
export function rangeVars(nodes: readonly Node[]): BodyOf<'RangeVar'>[] {
  return nodes.flatMap((node) => {
    const range = bodyOf(node, 'RangeVar')
    if (range !== undefined) return [range]
    const join = bodyOf(node, 'JoinExpr')
    return join === undefined
      ? []
      : rangeVars([join.larg, join.rarg].filter((n) => n !== undefined))
  })
}
