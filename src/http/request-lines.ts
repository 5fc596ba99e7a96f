import type { RequestHead } from './head.ts'

/**
 * A request's line as an API reads it, which is what rules with `text` are about; and as it came, if not
 * so. For APIs to whom a slash at the path's end is none.
 */
export function requestLines({ method, path, query, segments, parameters }: RequestHead): string[] {
  const sent = query === '' ? path : `${path}?${query}`
  const values = parameters.map(([name, value]) => `${name}=${value}`)
  const named = segments.at(-1) === '' ? segments.slice(0, -1) : segments
  const read = `/${named.join('/')}${values.length === 0 ? '' : `?${values.join('&')}`}`
  const line = read.replaceAll(CONTROLS, encodeURIComponent)
  return line === sent ? [`${method} ${line}`] : [`${method} ${line}`, `sent as ${sent}`]
}

// oxlint-disable-next-line no-control-regex -- a line is one line
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g
