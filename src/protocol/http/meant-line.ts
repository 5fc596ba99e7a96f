import type { RequestHead } from './head.ts'

/**
 * A request's line as an API reads it, which is what rules with `text` are about: decoded, but for what
 * would then seem to divide it, so that a value that holds `&watch=true` is no parameter. One line, always:
 * with another one below it, however it is spelled, `$` would not find its end. For APIs to whom a slash at
 * the path's end is none.
 */
export function meantLine({ method, segments, parameters }: RequestHead): string {
  const named = segments.at(-1) === '' ? segments.slice(0, -1) : segments
  const path = named.map((one) => one.replaceAll(NOT_IN_SEGMENT, encodeURIComponent)).join('/')
  const query = parameters.map(([name, value]) => {
    const [left, right] = [name.replaceAll(NOT_IN_NAME, encodeURIComponent), value]
    return `${left}=${right.replaceAll(NOT_IN_VALUE, encodeURIComponent)}`
  })
  return `${method} /${path}${query.length === 0 ? '' : `?${query.join('&')}`}`
}

/* oxlint-disable no-control-regex -- a line is one line */
const NOT_IN_SEGMENT = /[\u0000-\u001f\u007f-\u009f\u2028\u2029%/?]/g
const NOT_IN_NAME = /[\u0000-\u001f\u007f-\u009f\u2028\u2029%&=]/g
const NOT_IN_VALUE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029%&]/g
