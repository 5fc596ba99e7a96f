/**
 * Parses a JSON object strictly: valid UTF-8, and no object in it names a key twice. RFC 8725
 * section 2.4 and RFC 7519 section 4 let parsers differ on such input, so it means nothing here.
 * Returns undefined for anything else.
 */
export function parseStrictObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    return isRecord(value) && !repeatsKey(text) ? value : undefined
  } catch {
    return undefined
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `text` is valid JSON. */
function repeatsKey(text: string): boolean {
  const scopes: (Set<string> | 'array')[] = []
  let expectsKey = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    const scope = scopes.at(-1)
    if (character === '"') {
      const end = stringEnd(text, at)
      if (expectsKey && scope instanceof Set) {
        const key = String(JSON.parse(text.slice(at, end)))
        if (scope.has(key)) return true
        scope.add(key)
      }
      expectsKey = false
      at = end - 1
    } else if (character === '{' || character === '[') {
      scopes.push(character === '{' ? new Set() : 'array')
      expectsKey = character === '{'
    } else if (character === '}' || character === ']') {
      scopes.pop()
      expectsKey = false
    } else if (character === ',') {
      expectsKey = scope instanceof Set
    }
  }
  return false
}

/** The offset after the closing quote of the string that starts at `start`. */
function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}
