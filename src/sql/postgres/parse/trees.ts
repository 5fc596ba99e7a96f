import type { Parsed, Parser, Unparsed } from './parser.ts'

/**
 * The tree of a text that waits for the catalog: it is classified once more with each answer, as often
 * as its views lead to other views, and parsed only once. One tree is kept at most.
 */
export interface Trees {
  treeOf(text: string): Parsed | Unparsed
  /** The text comes again. */
  keep(text: string): void
  /** It does not; without a text, whatever it was. */
  drop(text?: string): void
}

/** For longer ones a tree takes more memory than parsing is worth. */
const TEXT_LENGTH_MAX = 131_072

/** `SELECT t,t,…`: two characters make an output of seven objects. */
const BYTES_PER_CHARACTER = 140

/** `room`: whether so many bytes may be held from now on. */
export function createTrees(parse: Parser['parse'], room: (bytes: number) => boolean): Trees {
  let kept: { readonly text: string; readonly tree: Parsed | Unparsed } | undefined

  function letGo(): void {
    kept = undefined
    room(0)
  }

  return {
    treeOf(text) {
      if (kept?.text === text) return kept.tree
      letGo()
      const tree = parse(text)
      kept = { text, tree }
      return tree
    },
    keep(text) {
      if (kept?.text !== text) return
      const mayStay = text.length <= TEXT_LENGTH_MAX && room(text.length * BYTES_PER_CHARACTER)
      if (!mayStay) letGo()
    },
    drop(text) {
      if (kept !== undefined && (text ?? kept.text) === kept.text) letGo()
    },
  }
}
