/** The name in lower case. */
export type Header = readonly [name: string, value: string]

/** In the order in which they came; a name may occur more than once. */
export type HeaderList = readonly Header[]

/**
 * A request's head once it has been checked. Everything downstream judges this and nothing else, and
 * the target gets what it says: what two readers could understand differently was refused before.
 */
export interface RequestHead {
  /** An upper-case token. */
  readonly method: string
  /** Origin form without the query and without the resource's own prefix; starts with `/`. */
  readonly path: string
  /**
   * The path's segments, percent-decoded once. None is `.` or `..`, none holds a control character
   * or a backslash; whether one may be empty or hold a `/` is the API's `PathRules`.
   */
  readonly segments: readonly string[]
  /** As it came, without the `?`; empty where there is none. */
  readonly query: string
  /** The query's parameters, decoded once, in order. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
  /** Without hop-by-hop headers and without the agent's own credential. */
  readonly headers: HeaderList
  /** The host that the client asked for, in lower case, with its port where it gave one. */
  readonly authority: string
  /** Where the resource hangs below that host: `` or `/name`. Links in answers need it. */
  readonly prefix: string
  readonly bodyLength: number | 'unknown'
  /** The protocol that the client wants to change to. */
  readonly upgrade?: string
}

export interface AnswerHead {
  readonly status: number
  readonly headers: HeaderList
}

/** The only value of a header that must not be repeated; undefined where it is absent or repeated. */
export function headerOf(headers: HeaderList, name: string): string | undefined {
  let found: string | undefined
  for (const [one, value] of headers) {
    if (one !== name) continue
    if (found !== undefined) return undefined
    found = value
  }
  return found
}
