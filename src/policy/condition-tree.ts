import type { ASTNode } from '@marcbachmann/cel-js'

/** How long a condition's answer keeps; see Verdict. */
export type Keeps = 'shape' | 'text' | 'moment'

/**
 * Told by what the expression can read. Only `op.text` is a text; an `op` that is not followed by
 * the plain name of another field could be read as one.
 */
export function keepsOf(tree: ASTNode): Keeps {
  let keeps: Keeps = 'shape'
  visit(tree, (node, parent) => {
    if (node.op !== 'id') return
    if (node.args === 'now' || node.args === 'session') keeps = 'moment'
    if (node.args !== 'op' || keeps === 'moment') return
    if (parent?.op !== '.' || parent.args[1] === 'text') keeps = 'text'
  })
  return keeps
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
