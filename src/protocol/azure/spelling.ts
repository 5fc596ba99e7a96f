import { SPELLINGS } from './spelling-words.ts'

const KNOWN: ReadonlyMap<string, string> = new Map(
  SPELLINGS.map((word) => [word.toLowerCase(), word]),
)

/** Azure ignores case in namespaces and types. Known ones are written as Azure does, others small. */
export function spell(word: string): string {
  const small = word.toLowerCase()
  return KNOWN.get(small) ?? small
}
