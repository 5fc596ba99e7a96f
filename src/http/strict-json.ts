interface Scope {
  /** Names so far; undefined in a list. */
  readonly names: Set<string> | undefined
}

/**
 * Whether an object in a valid JSON text names a field twice: one reader takes the first, another
 * the last (RFC 8259 section 4). `same` brings names into the form in which the target compares them.
 */
export function duplicateField(
  text: string,
  same: (name: string) => string = (name) => name,
): boolean {
  const scopes: Scope[] = []
  let expectsName = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    const names = scopes.at(-1)?.names
    if (character === '"') {
      const end = endOfText(text, at)
      if (expectsName && names !== undefined) {
        const name = same(JSON.parse(text.slice(at, end)) as string)
        if (names.has(name)) return true
        names.add(name)
      }
      expectsName = false
      at = end - 1
    } else if (character === '{' || character === '[') {
      scopes.push({ names: character === '{' ? new Set() : undefined })
      expectsName = character === '{'
    } else if (character === '}' || character === ']') {
      scopes.pop()
      expectsName = false
    } else if (character === ',') {
      expectsName = names !== undefined
    }
  }
  return false
}

/** The offset after the closing quote of the text that starts at `start`. */
function endOfText(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}
