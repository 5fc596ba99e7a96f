/** Their small letters are ASCII, which would make a search of raw bytes miss what it should find. */
const TO_ASCII = /[\u0130\u212a]/g

/** What makes capital and small letters equal. */
export function fold(text: string): string {
  return text.replace(TO_ASCII, '\ufffd').toLowerCase()
}
