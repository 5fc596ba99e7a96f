/**
 * SASLprep (RFC 4013) as PostgreSQL applies it to passwords: what the profile forbids is used as it
 * is, since such passwords were stored as they are. Node has no tables of Unicode 3.2, so of the
 * unassigned code points (RFC 3454 A.1) only those of the later planes are known here; the others
 * would matter only beside a character that normalisation changes.
 */
export function saslprep(password: string): string {
  if (/^[\x20-\x7e]*$/.test(password)) return password
  const mapped = Array.from(password, mapCharacter).join('').normalize('NFKC')
  const characters = Array.from(mapped)
  const refused = characters.length === 0 || characters.some(isForbidden) || breaksBidi(characters)
  return refused ? password : mapped
}

type Ranges = readonly (readonly [from: number, to: number])[]

function mapCharacter(character: string): string {
  if (isIn(OTHER_SPACES, character)) return ' '
  return isIn(MAPPED_TO_NOTHING, character) ? '' : character
}

function isForbidden(character: string): boolean {
  if (isIn(FORBIDDEN, character)) return true
  return character.length > 1 && !isIn(LATER_PLANES_ASSIGNED, character)
}

function isIn(ranges: Ranges, character: string): boolean {
  const point = character.codePointAt(0)!
  return ranges.some(([from, to]) => point >= from && point <= to)
}

/** RFC 3454 C.1.2. */
const OTHER_SPACES: Ranges = [
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200b],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
]

/** RFC 3454 B.1. */
const MAPPED_TO_NOTHING: Ranges = [
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x1806, 0x1806],
  [0x180b, 0x180d],
  [0x200c, 0x200d],
  [0x2060, 0x2060],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
]

/** RFC 3454 C.2.1, C.2.2 and C.3 to C.9, after mapping. */
const FORBIDDEN: Ranges = [
  [0x0, 0x1f],
  [0x7f, 0x9f],
  [0x340, 0x341],
  [0x6dd, 0x6dd],
  [0x70f, 0x70f],
  [0x180e, 0x180e],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2061, 0x2063],
  [0x206a, 0x206f],
  [0x2ff0, 0x2ffb],
  [0xd800, 0xf8ff],
  [0xfdd0, 0xfdef],
  [0xfff9, 0xffff],
  [0x1d173, 0x1d17a],
]

/** The blocks of Unicode 3.2 above U+FFFF that hold letters and signs. */
const LATER_PLANES_ASSIGNED: Ranges = [
  [0x10300, 0x1034a],
  [0x10400, 0x1044d],
  [0x1d000, 0x1d7ff],
  [0x20000, 0x2a6d6],
  [0x2f800, 0x2fa1d],
]

/** Letters that run right to left (RFC 3454 D.1), by script. */
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}]/u
const LETTER = /\p{L}/u

/** RFC 3454 section 6: no mixing of directions, and right-to-left text begins and ends with it. */
function breaksBidi(characters: readonly string[]): boolean {
  const isRight = (character: string | undefined) => RIGHT_TO_LEFT.test(character ?? '')
  if (!characters.some(isRight)) return false
  const mixed = characters.some((one) => LETTER.test(one) && !isRight(one))
  return mixed || !isRight(characters[0]) || !isRight(characters.at(-1))
}
