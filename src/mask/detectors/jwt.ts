import { BASE64URL, is, type Found, type Text } from './text.ts'

const DOT = 0x2e
/** `{"alg":"x"}` in base64url; anything shorter cannot be a header. */
const HEADER_MIN = 12
/** JWE has five parts (RFC 7516 section 7.1), JWS three (RFC 7515 section 7.1). */
const PARTS_MAX = 5

/** JSON web tokens: base64url parts joined by dots, the first of which starts `{"`. */
export function scanJwts(text: Text, found: Found): void {
  let at = text.indexOf('eyJ')
  while (at >= 0) {
    const headerEnd = partEnd(text, at)
    let end = headerEnd
    let parts = 1
    while (parts < PARTS_MAX && text.charCodeAt(end) === DOT) {
      end = partEnd(text, end + 1)
      parts++
    }
    const isToken = parts >= 3 && headerEnd - at >= HEADER_MIN
    if (isToken) found(at, end)
    at = text.indexOf('eyJ', isToken ? end : headerEnd)
  }
}

function partEnd(text: Text, from: number): number {
  let at = from
  while (is(text.charCodeAt(at), BASE64URL)) at++
  return at
}
