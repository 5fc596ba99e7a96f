/**
 * Names of the things an operation acts on.
 *
 * An object is a path of segments, outermost first: `['sales', 'public', 'customers']` for a table,
 * `['default', 'secrets', 'db']` for a Kubernetes secret. Segments hold the target's own spelling
 * and may contain any character; quoting exists only in the written form.
 */
export type ObjectPath = readonly string[]

/**
 * A segment that stands for all names at once: every namespace of a cluster. A pattern covers it with
 * `*` alone, and what a pattern denies in any of them is denied in all.
 */
export const ALL_NAMES = '*'

const PLAIN = /^[\p{L}_][\p{L}\p{N}_$-]*$/u

/** Writes a path with `.` between segments; a segment that is not a plain name is double-quoted. */
export function formatObject(path: ObjectPath): string {
  return path.map(formatSegment).join('.')
}

/** The path that `formatObject` wrote; undefined where the text is not of its making. */
export function parseObject(text: string): ObjectPath | undefined {
  const path: string[] = []
  for (const [whole, quoted, plain] of text.matchAll(SEGMENT)) {
    if (whole === '') return undefined
    path.push(plain ?? quoted!.replaceAll('""', '"'))
  }
  return path.length > 0 && formatObject(path) === text ? path : undefined
}

const SEGMENT = /(?:"((?:[^"]|"")*)"|([^".]+))(?:\.|$)/guy

function formatSegment(segment: string): string {
  return PLAIN.test(segment) ? segment : `"${segment.replaceAll('"', '""')}"`
}
