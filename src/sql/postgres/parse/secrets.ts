import type { Parser } from './parser.ts'

/** A text as people may see it, and how many of its constants are left out. */
export interface Secretless {
  readonly text: string
  readonly hidden: number
}

/** In UTF-8 bytes. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Functions whose arguments hold connection strings. */
const CONNECTING = /^dblink(?:_connect(?:_u)?|_exec|_send_query|_open)?$/
const MAY_CONNECT = /dblink/i
const CALLS = /(?<!\w)\w+\s*\(/g

/**
 * The text with the string constants replaced by `'***'` that may be passwords: all of the statements of
 * `secret`, for which of them is one depends on options that extensions define, and those in calls of functions
 * that connect. What stands in a comment or beside such a statement hides nothing. Undefined where nothing is
 * left out.
 */
export function withoutSecrets(
  parser: Parser,
  text: string,
  secret: readonly Span[],
): Secretless | undefined {
  if (secret.length === 0 && !MAY_CONNECT.test(text)) return undefined
  const tokens = parser.scan(text)?.filter(({ tokenName }) => !tokenName.endsWith('_COMMENT'))
  if (tokens === undefined) return { text: HIDDEN.toString(), hidden: 1 }
  const bytes = Buffer.from(text)
  const pieces: Buffer[] = []
  let end = 0
  let hidden = 0
  /** How deep inside of a call that connects; 0 is outside. */
  let depth = 0
  for (const [at, token] of tokens.entries()) {
    if (depth > 0 && token.text === '(') depth++
    if (depth > 0 && token.text === ')') depth--
    if (depth === 0 && connects(token.text) && tokens[at + 1]?.text === '(') depth = 1
    const isSecret = depth > 0 || secret.some((span) => isWithin(token, span))
    if (!CONSTANTS.has(token.tokenName) || !(isSecret || holdsCode(token.text))) continue
    pieces.push(bytes.subarray(end, token.start), HIDDEN)
    end = token.end
    hidden++
  }
  if (hidden === 0) return undefined
  pieces.push(bytes.subarray(end))
  return { text: Buffer.concat(pieces).toString('utf8'), hidden }
}

/** Code as text, in which a connection string may stand as a constant of its own. */
function holdsCode(constant: string): boolean {
  if (!MAY_CONNECT.test(constant)) return false
  return constant.match(CALLS)?.some((call) => MAY_CONNECT.test(call)) ?? false
}

function connects(name: string): boolean {
  return CONNECTING.test(name.startsWith('"') ? name.slice(1, -1) : name.toLowerCase())
}

function isWithin(token: Span, span: Span): boolean {
  return token.start >= span.start && token.end <= span.end
}

const HIDDEN = Buffer.from("'***'")

const CONSTANTS = new Set(['SCONST', 'USCONST', 'BCONST', 'XCONST'])
