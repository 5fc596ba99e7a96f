/**
 * SASLprep (RFC 4013) as PostgreSQL applies it to passwords: what the profile forbids is used as it
 * is, since such passwords were stored as they are. Node has no tables of Unicode 3.2, so of the
 * unassigned code points (RFC 3454 A.1) only those of the later planes are known here; the others
 * would matter only beside a character that normalisation changes.
 */
export function saslprep(password: string): string {
  if (/^[\x20-\x7e]*$/.test(password)) return password
  const prepared = password
    .replace(OTHER_SPACES, ' ')
    .replace(MAPPED_TO_NOTHING, '')
    .normalize('NFKC')
  if (prepared === '' || FORBIDDEN.test(prepared) || isUnassigned(prepared)) return password
  return breaksBidi(prepared) ? password : prepared
}

/** RFC 3454 C.1.2. */
const OTHER_SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu

/** RFC 3454 B.1. */
const MAPPED_TO_NOTHING = /[\u00ad\u034f\u1806\u180b-\u180d\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]/gu

/** RFC 3454 C.1.2, C.2.1, C.2.2, C.3 to C.9; lone surrogates (C.5) cannot be UTF-8 anyway. */
const FORBIDDEN =
  // eslint-disable-next-line no-control-regex
  /[\0-\x1f\x7f\u0080-\u009f\u00a0\u06dd\u070f\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2063\u206a-\u206f\u2ff0-\u2ffb\u3000\u0340\u0341\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufeff\ufff9-\uffff\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}\u{f0000}-\u{10ffff}]/u

const LATER_PLANES_OF_UNICODE_3_2: readonly (readonly [number, number])[] = [
  [0x10300, 0x1034a],
  [0x10400, 0x1044d],
  [0x1d000, 0x1d7ff],
  [0x20000, 0x2a6d6],
  [0x2f800, 0x2fa1d],
]

function isUnassigned(text: string): boolean {
  return [...text].some((character) => {
    const point = character.codePointAt(0)!
    if (point <= 0xffff) return false
    return !LATER_PLANES_OF_UNICODE_3_2.some(([from, to]) => point >= from && point <= to)
  })
}

/** Letters that run right to left (RFC 3454 D.1), by script. */
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}]/u
const LETTER = /\p{L}/u

/** RFC 3454 section 6: no mixing of directions, and right-to-left text begins and ends with it. */
function breaksBidi(text: string): boolean {
  if (!RIGHT_TO_LEFT.test(text)) return false
  const characters = [...text]
  const mixed = characters.some((one) => LETTER.test(one) && !RIGHT_TO_LEFT.test(one))
  return mixed || !RIGHT_TO_LEFT.test(characters[0]!) || !RIGHT_TO_LEFT.test(characters.at(-1)!)
}
