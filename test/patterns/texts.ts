import type { Node } from './pattern.ts'

/** Of each kind of character that an expression tells apart, one. */
export function kindsOf(tree: Node): string[] {
  const sets = [...charsOf(tree)]
  const kinds = new Map<string, string>()
  for (const char of CANDIDATES) {
    const kind = sets.map(({ has }) => (has(char) ? '1' : '0')).join('')
    if (!kinds.has(kind)) kinds.set(kind, char)
  }
  return [...kinds.values()]
}

const CANDIDATES = [
  ...Array.from({ length: 26 }, (_, n) => String.fromCharCode(97 + n)),
  ...Array.from({ length: 97 }, (_, n) => String.fromCharCode(n)),
  ...Array.from({ length: 5 }, (_, n) => String.fromCharCode(123 + n)),
  '\u{a0}',
  'é',
  '\u{2028}',
  '字',
  '\u{7f}',
]

type Char = Extract<Node, { type: 'char' }>

function* charsOf(node: Node): Generator<Char> {
  if (node.type === 'char') yield node
  else for (const one of childrenOf(node)) yield* charsOf(one)
}

export function childrenOf(node: Node): readonly Node[] {
  if ('nodes' in node) return node.nodes
  return 'node' in node ? [node.node] : []
}

export interface Loop {
  /** Texts that lead to it. */
  readonly before: readonly string[]
  /** Texts that go once through it. */
  readonly through: readonly string[]
}

/** Every repetition without a bound, wherever it is. */
export function loopsOf(tree: Node, kinds: readonly string[]): Loop[] {
  const loops: Loop[] = []
  walk(tree, [''])
  return loops

  function walk(node: Node, before: readonly string[]): void {
    if (node.type === 'sequence') {
      let so = before
      for (const one of node.nodes) {
        walk(one, so)
        so = few(so.flatMap((start) => samples(one, kinds).map((text) => start + text)))
      }
      return
    }
    if (node.type === 'repeat' && node.max >= MANY)
      loops.push({ before, through: samples(node.node, kinds) })
    for (const one of childrenOf(node)) walk(one, before)
  }
}

/** A bound beyond this is as good as none. */
const MANY = 64
const SAMPLES_MAX = 12

const few = (texts: readonly string[]): string[] => [...new Set(texts)].slice(0, SAMPLES_MAX)

/** Some short texts that a part matches. */
function samples(node: Node, kinds: readonly string[]): string[] {
  switch (node.type) {
    case 'char': {
      const found = kinds.filter((char) => node.has(char))
      return found.length > 0 ? few(found) : ['?']
    }
    case 'sequence':
      return node.nodes.reduce<string[]>(
        (texts, one) =>
          few(texts.flatMap((text) => samples(one, kinds).map((more) => text + more))),
        [''],
      )
    case 'choice':
      return few(node.nodes.flatMap((one) => samples(one, kinds).slice(0, 4)))
    case 'repeat': {
      const least = Math.max(node.min, Math.min(1, node.max))
      return few(samples(node.node, kinds).map((text) => text.repeat(Math.min(least, MANY))))
    }
    case 'capture':
      return samples(node.node, kinds)
    default:
      return ['']
  }
}
