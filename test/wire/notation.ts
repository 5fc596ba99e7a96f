/**
 * Conversations as readable text, one message a line:
 *
 *     F Query "SELECT 1\0"        client  → gateway
 *     f Query "SELECT 1\0"        gateway → target
 *     B DataRow "\0\x01…"         target  → gateway
 *     b DataRow "\0\x01…"         gateway → client
 *
 * The quoted part is the body, byte by byte; what is no printable ASCII is escaped. Lines that begin
 * with `#` are comments. A new group of `F` lines is sent when everything before it was answered.
 */
export type Direction = 'F' | 'f' | 'B' | 'b'

export interface Line {
  readonly direction: Direction
  readonly bytes: Buffer
}

/** By the names of the documentation; some letters mean two things, by direction. */
const CLIENT_NAMES: Readonly<Record<string, string>> = {
  B: 'Bind',
  C: 'Close',
  d: 'CopyData',
  c: 'CopyDone',
  f: 'CopyFail',
  D: 'Describe',
  E: 'Execute',
  H: 'Flush',
  P: 'Parse',
  Q: 'Query',
  S: 'Sync',
  X: 'Terminate',
}
const TARGET_NAMES: Readonly<Record<string, string>> = {
  '1': 'ParseComplete',
  '2': 'BindComplete',
  '3': 'CloseComplete',
  A: 'NotificationResponse',
  C: 'CommandComplete',
  D: 'DataRow',
  E: 'ErrorResponse',
  G: 'CopyInResponse',
  H: 'CopyOutResponse',
  I: 'EmptyQueryResponse',
  N: 'NoticeResponse',
  S: 'ParameterStatus',
  T: 'RowDescription',
  Z: 'ReadyForQuery',
  c: 'CopyDone',
  d: 'CopyData',
  n: 'NoData',
  s: 'PortalSuspended',
  t: 'ParameterDescription',
}

function namesFor(direction: Direction): Readonly<Record<string, string>> {
  return direction === 'F' || direction === 'f' ? CLIENT_NAMES : TARGET_NAMES
}

/** Whole messages only. */
export function writeLines(direction: Direction, bytes: Buffer): string[] {
  const lines: string[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + bytes.readInt32BE(at + 1)
    const type = String.fromCharCode(bytes[at]!)
    const name = namesFor(direction)[type] ?? `'${type}'`
    lines.push(`${direction} ${name} "${escape(bytes.subarray(at + 5, end))}"`)
    at = end
  }
  return lines
}

export function readLines(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const match = /^([FfBb]) (\S+) "(.*)"$/.exec(line)
      if (match === null) throw new Error(`no line of a conversation: ${line}`)
      const direction = match[1] as Direction
      return { direction, bytes: message(typeOf(direction, match[2]!), unescape(match[3]!)) }
    })
}

function typeOf(direction: Direction, name: string): string {
  const found = Object.entries(namesFor(direction)).find(([, known]) => known === name)
  if (found === undefined) throw new Error(`no message ${name}`)
  return found[0]
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

function escape(bytes: Buffer): string {
  return Array.from(bytes, (byte) => {
    if (byte === 0) return '\\0'
    if (byte === 0x5c || byte === 0x22) return `\\${String.fromCharCode(byte)}`
    if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte)
    return `\\x${byte.toString(16).padStart(2, '0')}`
  }).join('')
}

function unescape(text: string): Buffer {
  const bytes: number[] = []
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '\\') {
      bytes.push(text.charCodeAt(at))
      continue
    }
    at++
    if (text[at] === '0') bytes.push(0)
    else if (text[at] === 'x') {
      bytes.push(Number.parseInt(text.slice(at + 1, at + 3), 16))
      at += 2
    } else bytes.push(text.charCodeAt(at))
  }
  return Buffer.from(bytes)
}

/** What differs from run to run, or is long and its own test's business, is written the same always. */
export function normalise(line: string): string {
  return line
    .replace(/^([Bb] NotificationResponse ")(?:\\x..|\\.|[^\\]){4}/, '$1\\0\\0\\0\\x01')
    .replaceAll(/refused by chaperone [0-9a-f]{32}/g, 'refused by chaperone …')
    .replace(/^f Parse "chaperone catalog\\0.*$/, 'f Parse "chaperone catalog\\0…"')
}
