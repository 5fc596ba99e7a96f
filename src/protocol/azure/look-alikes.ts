/**
 * Whether some readers could take a name for another one: it has a letter that becomes one of ASCII
 * when case is ignored (the long s U+017F, the Kelvin sign, the dotless i) or when Unicode is
 * normalised (fullwidth letters and slashes), something that is not seen, or an end that front doors
 * cut off (blanks, dots, what follows a semicolon).
 */
export function hasLookAlike(name: string): boolean {
  if (CUT_OFF.test(name) || UNSEEN.test(name) || isRewritten(name)) return true
  const letters = name.match(OTHER_LETTERS) ?? []
  return letters.some((letter) => CASES.some((to) => isAscii(to(letter))))
}

const CUT_OFF = /^\s|[\s.]$|;/
/** Blanks that are none of ASCII, format characters, and letters that are nobody's yet. */
const UNSEEN = /(?! )[\p{Z}\p{Cf}\p{Cn}\p{Co}\p{Variation_Selector}]/u

function isRewritten(name: string): boolean {
  return name.normalize('NFKC') !== name.normalize('NFC')
}

// oxlint-disable-next-line no-control-regex -- all but ASCII
const OTHER_LETTERS = /[^\u0000-\u007f]/gu
const CASES = [(text: string) => text.toLowerCase(), (text: string) => text.toUpperCase()]

/** One letter that became one of ASCII; `ß` becomes two, which nobody compares so. */
function isAscii(letter: string): boolean {
  return letter.length === 1 && letter < '\u0080'
}
