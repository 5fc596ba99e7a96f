/**
 * Whether a name has a letter that some readers take for one of ASCII when they ignore case: the long s
 * (U+017F) for S, the Kelvin sign for K, the dotless i for I. Two readers would see two things.
 */
export function hasLookAlike(name: string): boolean {
  const letters = name.match(OTHER_LETTERS) ?? []
  return letters.some((letter) => CASES.some((to) => isAscii(to(letter))))
}

// oxlint-disable-next-line no-control-regex -- all but ASCII
const OTHER_LETTERS = /[^\u0000-\u007f]/gu
const CASES = [(text: string) => text.toLowerCase(), (text: string) => text.toUpperCase()]

/** One letter that became one of ASCII; `ß` becomes two, which nobody compares so. */
function isAscii(letter: string): boolean {
  return letter.length === 1 && letter < '\u0080'
}
