import type { Parser } from './parser.ts'

/** Functions whose arguments hold connection strings. */
const CONNECTING = /\bdblink(?:_connect(?:_u)?|_exec|_send_query|_open)?\s*\(/i

export function callsWithSecrets(text: string): boolean {
  return CONNECTING.test(text)
}

/**
 * The text with every string constant replaced by `'***'`, for statements that carry passwords:
 * which of the constants is one depends on options that extensions define.
 */
export function withoutConstants(parser: Parser, text: string): string {
  const tokens = parser.scan(text)
  if (tokens === undefined) return '***'
  const bytes = Buffer.from(text)
  const pieces: Buffer[] = []
  let end = 0
  for (const token of tokens) {
    if (!CONSTANTS.has(token.tokenName)) continue
    pieces.push(bytes.subarray(end, token.start), HIDDEN)
    end = token.end
  }
  pieces.push(bytes.subarray(end))
  return Buffer.concat(pieces).toString('utf8')
}

const HIDDEN = Buffer.from("'***'")

const CONSTANTS = new Set(['SCONST', 'USCONST', 'BCONST', 'XCONST'])
