/*
 * What can be told of a record's line without parsing it. A quote inside a JSON string always has a
 * backslash before it, so `"name":"value"` in the bytes is a member, never part of a text.
 */

const KINDS = [
  'operation.intent',
  'operation.outcome',
  'session.opened',
  'session.closed',
  'note',
] as const

export type LineKind = (typeof KINDS)[number]

const ENDS = KINDS.map((kind) => [kind, Buffer.from(`"kind":"${kind}"}}}`)] as const)

/** `kind` is the last member of every record; undefined for other lines. */
export function lineKind(line: Buffer): LineKind | undefined {
  for (const [kind, end] of ENDS) {
    const start = line.length - end.length
    if (start > 0 && line.compare(end, 0, end.length, start, line.length) === 0) return kind
  }
  return undefined
}

const OPERATION = Buffer.from('"operation":"')
const SESSION = Buffer.from('"session":"')
const OWN = Buffer.from('"unmapped":{"chaperone":{')
const QUOTE = 0x22

/** The id of the operation that a line belongs to. */
export function operationIn(line: Buffer): string | undefined {
  return ownText(line, OPERATION)
}

export function sessionIn(line: Buffer): string | undefined {
  return ownText(line, SESSION)
}

/** A text member of our own part; ids hold nothing that JSON escapes. */
function ownText(line: Buffer, member: Buffer): string | undefined {
  const own = line.indexOf(OWN)
  if (own === -1) return undefined
  const found = line.indexOf(member, own)
  if (found === -1) return undefined
  const start = found + member.length
  const end = line.indexOf(QUOTE, start)
  return end === -1 ? undefined : line.toString('latin1', start, end)
}

/** The bytes of `"name":"value"` as the recorder writes them. */
export function member(name: string, value: string): Buffer {
  return Buffer.from(`${JSON.stringify(name)}:${JSON.stringify(value)}`)
}

const NUMBER_CHARS_MAX = 24

/** A number member of a line, such as `time` or `rows`. */
export function numberIn(line: Buffer, name: Buffer): number | undefined {
  const found = line.indexOf(name)
  if (found === -1) return undefined
  const start = found + name.length
  const digits = /^\d+(?:\.\d+)?/.exec(line.toString('latin1', start, start + NUMBER_CHARS_MAX))
  return digits === null ? undefined : Number(digits[0])
}

export const TIME = Buffer.from('"time":')
export const ROWS = Buffer.from('"rows":')
