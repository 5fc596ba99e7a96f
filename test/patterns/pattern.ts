/** The tree of a regular expression, as far as it matters for how an engine backtracks in it. */
export type Node =
  | { readonly type: 'char'; readonly has: (char: string) => boolean }
  | { readonly type: 'sequence' | 'choice'; readonly nodes: readonly Node[] }
  | {
      readonly type: 'repeat'
      readonly node: Node
      readonly min: number
      readonly max: number
      readonly lazy: boolean
    }
  | { readonly type: 'capture'; readonly node: Node; readonly index: number }
  | {
      readonly type: 'look'
      readonly node: Node
      readonly ahead: boolean
      readonly negative: boolean
    }
  | { readonly type: 'back'; readonly index: number }
  | { readonly type: 'place'; readonly holds: (text: string, at: number) => boolean }

const WORD = /\w/

/** Throws where it does not know a construct. */
export function parsePattern(source: string, flags: string): Node {
  const characterFlags = flags.replaceAll(/[gyd]/g, '')
  const names = [...source.matchAll(/\((?!\?(?:[:=!]|<[=!]))(?:\?<(\w+)>)?/g)]
  let at = 0
  let groups = 0

  function choice(): Node {
    const nodes = [sequence()]
    while (source[at] === '|') {
      at++
      nodes.push(sequence())
    }
    return nodes.length === 1 ? nodes[0]! : { type: 'choice', nodes }
  }

  function sequence(): Node {
    const nodes: Node[] = []
    while (at < source.length && source[at] !== '|' && source[at] !== ')') nodes.push(repeated())
    return { type: 'sequence', nodes }
  }

  function repeated(): Node {
    const node = atom()
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})(\??)/.exec(source.slice(at))
    if (found === null) return node
    at += found[0].length
    const [sign, least, comma, most, lazy] = found
    const [min, max] =
      least === undefined
        ? [sign.startsWith('+') ? 1 : 0, sign.startsWith('?') ? 1 : Infinity]
        : [Number(least), comma === '' ? Number(least) : most === '' ? Infinity : Number(most)]
    return { type: 'repeat', node, min, max, lazy: lazy === '?' }
  }

  function atom(): Node {
    const rest = source.slice(at)
    if (rest.startsWith('(')) return group(rest)
    if (rest.startsWith('[')) return character(endOfClass(rest))
    if (rest.startsWith('^'))
      return place(1, (text, at) => at === 0 || (flags.includes('m') && text[at - 1] === '\n'))
    if (rest.startsWith('$'))
      return place(
        1,
        (text, at) => at === text.length || (flags.includes('m') && text[at] === '\n'),
      )
    if (/^\\b/i.test(rest)) {
      const wanted = rest[1] === 'b'
      return place(
        2,
        (text, at) => (WORD.test(text[at - 1] ?? '') !== WORD.test(text[at] ?? '')) === wanted,
      )
    }
    const back = /^\\(?:([1-9])|k<(\w+)>)/.exec(rest)
    if (back !== null) {
      at += back[0].length
      const index =
        back[1] === undefined
          ? names.findIndex(([, name]) => name === back[2]) + 1
          : Number(back[1])
      return { type: 'back', index }
    }
    const escape =
      /^\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[a-zA-Z]|.)/su.exec(rest)
    return character(
      escape === null ? String.fromCodePoint(rest.codePointAt(0)!).length : escape[0].length,
    )
  }

  function group(rest: string): Node {
    const [open = ''] = /^\((?:\?(?:[:=!]|<[=!]|<\w+>))?/.exec(rest) ?? []
    at += open.length
    const isCapture = open === '(' || /^\(\?<\w/.test(open)
    const index = isCapture ? ++groups : 0
    const node = choice()
    if (source[at] !== ')') throw new Error(`no end of a group in ${source}`)
    at++
    if (isCapture) return { type: 'capture', node, index }
    if (open === '(?:') return node
    return { type: 'look', node, ahead: !open.includes('<'), negative: open.endsWith('!') }
  }

  function place(length: number, holds: (text: string, at: number) => boolean): Node {
    at += length
    return { type: 'place', holds }
  }

  /** The engine itself says what a class or an escape matches. */
  function character(length: number): Node {
    const one = new RegExp(
      `^(?:${source.slice(at, at + length)})$`,
      characterFlags.replace('m', ''),
    )
    at += length
    const known = new Map<string, boolean>()
    return {
      type: 'char',
      has(char) {
        let is = known.get(char)
        if (is === undefined) known.set(char, (is = one.test(char)))
        return is
      },
    }
  }

  const tree = choice()
  if (at !== source.length) throw new Error(`what follows ${source.slice(0, at)} in ${source}`)
  return tree
}

function endOfClass(rest: string): number {
  let depth = 0
  for (let at = 0; at < rest.length; at++) {
    if (rest[at] === '\\') at++
    else if (rest[at] === '[' && depth === 0) depth++
    else if (rest[at] === ']') return at + 1
  }
  throw new Error(`no end of ${rest}`)
}
