import { EXPAND_DEPTH_MAX, EXPANDS_MAX } from '../limits.ts'

/** A relation that `$expand` reads too: its names below the thing that was asked for. */
export type Expansion = readonly string[]

/**
 * Reads `$expand` (OData 4.01 part 2, section 5.1.3): names with options in parentheses, in which
 * more may be expanded. Returns in words why it cannot be read.
 */
export function readExpand(text: string): readonly Expansion[] | string {
  const found: Expansion[] = []
  const problem = collect(text, [], 0, found)
  return problem ?? found
}

function collect(
  text: string,
  within: Expansion,
  depth: number,
  found: Expansion[],
): string | undefined {
  if (depth > EXPAND_DEPTH_MAX) return 'it is nested too deeply'
  const items = split(text, ',')
  if (items === undefined) return 'a parenthesis or quotation mark is not closed'
  for (const item of items) {
    const [, name = '', options] = /^\s*([A-Za-z0-9_./*$]+)\s*(?:\((.*)\)\s*)?$/s.exec(item) ?? []
    if (name === '') return 'a part of it is no name'
    const path = [...within, ...name.toLowerCase().split('/')]
    found.push(path)
    if (found.length > EXPANDS_MAX) return 'it names too much'
    for (const option of split(options ?? '', ';') ?? []) {
      const [, inner] = /^\s*\$?expand\s*=(.*)$/is.exec(option) ?? []
      const problem = inner === undefined ? undefined : collect(inner, path, depth + 1, found)
      if (problem !== undefined) return problem
    }
    if (options !== undefined && split(options, ';') === undefined)
      return 'its options are not closed'
  }
  return undefined
}

/** At the divider outside of parentheses and quotation marks. */
function split(text: string, divider: string): readonly string[] | undefined {
  const parts: string[] = ['']
  let depth = 0
  let quoted = false
  for (const character of text) {
    if (character === "'") quoted = !quoted
    else if (!quoted && character === '(') depth++
    else if (!quoted && character === ')') depth--
    if (depth < 0) return undefined
    if (character === divider && depth === 0 && !quoted) parts.push('')
    else parts[parts.length - 1] += character
  }
  return depth === 0 && !quoted ? parts.filter((part) => part.trim() !== '') : undefined
}
