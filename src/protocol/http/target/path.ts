import type { PathRules } from '../api.ts'
import { tooLarge, violation } from '../failure.ts'
import { PARAMETERS_MAX, SEGMENTS_MAX } from '../limits.ts'

export interface ParsedTarget {
  readonly path: string
  readonly segments: readonly string[]
  readonly query: string
  readonly parameters: readonly (readonly [name: string, value: string])[]
}

/** RFC 3986 section 3.3: what a path may hold, beside `%`. */
const PATH = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/%]*$/
/** As above, with `?` and what clients write raw though they should not, and all read alike. */
const QUERY = /^[A-Za-z0-9\-._~!$&'()*+,=:@/?%[\]{}|"^]*$/
const BAD_PERCENT = /%(?![0-9A-Fa-f]{2})/
/** What decodes to another escape would be another path for a target that decodes twice. */
const ESCAPE = /%[0-9A-Fa-f]{2}/
// oxlint-disable-next-line no-control-regex -- what must not be there
const CONTROL = /[\x00-\x1f\x7f-\x9f\\]/
/** `..;/` is `../` for servers that know path parameters. */
const DOTS = /^\.{1,2}(?:;|$)/

/**
 * Takes a target in origin form apart. Throws PROTOCOL_VIOLATION for whatever two readers could
 * read differently: dots, empty segments, encoded slashes (as far as `rules` forbid them), double
 * encoding, backslashes, controls, invalid UTF-8.
 */
export function parseTarget(target: string, rules: PathRules): ParsedTarget {
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const query = mark < 0 ? '' : target.slice(mark + 1)
  return {
    path,
    segments: segmentsOf(path, rules),
    query,
    parameters: query === '' ? [] : parametersOf(query),
  }
}

function segmentsOf(path: string, rules: PathRules): readonly string[] {
  if (!path.startsWith('/')) throw violation('the path does not begin with a slash')
  if (!PATH.test(path)) throw violation('a character in the path that must be percent-encoded')
  const raw = path.slice(1).split('/')
  if (raw.length > SEGMENTS_MAX) throw tooLarge('The path is too deep.', 'Shorten it.')
  const escaped = path.includes('%')
  const segments = escaped ? raw.map((one) => decodedSegment(one, rules)) : raw
  for (const [index, segment] of segments.entries()) {
    if (DOTS.test(segment)) throw violation('a path segment of dots')
    if (segment === '' && index + 1 < segments.length && !rules.emptySegments) {
      throw violation('an empty segment in the path')
    }
  }
  return segments
}

function decodedSegment(raw: string, rules: PathRules): string {
  if (!raw.includes('%')) return raw
  const text = decoded(raw, 'the path')
  if (CONTROL.test(text)) throw violation('a control character or a backslash in the path')
  if (ESCAPE.test(text)) throw violation('the path is percent-encoded twice')
  if (text.includes('/')) {
    if (!rules.encodedSlashes) throw violation('an encoded slash in the path')
    if (text.split('/').some((part) => DOTS.test(part))) throw violation('a path segment of dots')
  }
  return text
}

/** As forms are read (`+` is a space), since that is how every target here reads them. */
function parametersOf(query: string): ParsedTarget['parameters'] {
  if (!QUERY.test(query)) throw violation('a character in the query that must be percent-encoded')
  const parameters: (readonly [string, string])[] = []
  for (const pair of query.split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const name = parameterText(at < 0 ? pair : pair.slice(0, at))
    if (CONTROL.test(name)) throw violation('a control character in the name of a parameter')
    parameters.push([name, at < 0 ? '' : parameterText(pair.slice(at + 1))])
    if (parameters.length > PARAMETERS_MAX) {
      throw tooLarge('The query has too many parameters.', 'Send fewer.')
    }
  }
  return parameters
}

function parameterText(raw: string): string {
  const spaced = raw.includes('+') ? raw.replaceAll('+', ' ') : raw
  const text = spaced.includes('%') ? decoded(spaced, 'the query') : spaced
  if (text.includes('\0')) throw violation('a NUL in the query')
  return text
}

/** `decodeURIComponent` takes no overlong form, no surrogate and no other invalid UTF-8. */
function decoded(raw: string, where: string): string {
  if (BAD_PERCENT.test(raw)) throw violation(`a percent sign in ${where} without two hex digits`)
  try {
    return decodeURIComponent(raw)
  } catch {
    throw violation(`${where} is not valid UTF-8`)
  }
}
