import type { ASTNode } from '@marcbachmann/cel-js'
import { LOOP_DEPTH_MAX } from './limits.ts'

/** How long a condition's answer keeps; see Verdict. */
export type Keeps = 'shape' | 'text' | 'moment'

/** Told by what the expression can read. */
export function keepsOf(tree: ASTNode): Keeps {
  let isOfMoment = false
  visit(tree, (node) => {
    isOfMoment ||= node.op === 'id' && (node.args === 'now' || node.args === 'session')
  })
  if (isOfMoment) return 'moment'
  return readsText(tree) ? 'text' : 'shape'
}

/** Only `op.text` is a text; an `op` that no plain name of another field follows could be read as one. */
export function readsText(tree: ASTNode): boolean {
  let reads = false
  visit(tree, (node, parent) => {
    if (node.op !== 'id' || node.args !== 'op') return
    reads ||= parent?.op !== '.' || parent.args[1] === 'text'
  })
  return reads
}

export interface MatchesCall {
  /** Where the receiver ends, in characters of the source. */
  readonly receiverEnd: number
  readonly argument: ASTNode | undefined
}

/** Every `receiver.matches(argument)`. */
export function matchesCalls(tree: ASTNode): readonly MatchesCall[] {
  const found: MatchesCall[] = []
  visit(tree, (node) => {
    if (node.op === 'rcall' && node.args[0] === 'matches') {
      found.push({ receiverEnd: node.args[1].end, argument: node.args[2][0] })
    }
  })
  return found
}

/** A loop inside a loop inside a loop: its name, and where it stands in characters of the source. */
export function deepLoop(
  tree: ASTNode,
  around = 0,
): { readonly name: string; readonly at: number } | undefined {
  const loop = loopOf(tree)
  if (loop !== undefined && around >= LOOP_DEPTH_MAX) return { name: loop.name, at: tree.start }
  for (const child of childrenOf(tree.args)) {
    const inside = loop?.body.includes(child) === true
    const found = deepLoop(child, inside ? around + 1 : around)
    if (found !== undefined) return found
  }
  return undefined
}

function loopOf(node: ASTNode): { name: string; body: readonly ASTNode[] } | undefined {
  if (node.op !== 'rcall' || !LOOPS.has(node.args[0])) return undefined
  return { name: node.args[0], body: node.args[2] }
}

const LOOPS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter', 'map'])

/** The lists of variables that grow with the operation or the token, as far as the tree may read them. */
export function listsRead(tree: ASTNode): ReadonlySet<string> {
  const read = new Set<string>()
  visit(tree, (node, parent) => {
    if (node.op !== 'id') return
    const lists = LISTS[node.args] ?? []
    const name = parent?.op === '.' ? parent.args[1] : undefined
    for (const list of lists) if (name === undefined || name === list) read.add(list)
  })
  return read
}

const LISTS: Readonly<Record<string, readonly string[]>> = {
  op: ['actions', 'objects'],
  agent: ['groups', 'roles'],
}

type Visitor = (node: ASTNode, parent: ASTNode | undefined) => void

function visit(node: ASTNode, visitor: Visitor, parent?: ASTNode): void {
  visitor(node, parent)
  for (const child of childrenOf(node.args)) visit(child, visitor, node)
}

function childrenOf(args: unknown): readonly ASTNode[] {
  if (Array.isArray(args)) return args.flatMap((one) => childrenOf(one))
  return isNode(args) ? [args] : []
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}
