import { readArmPath } from './arm-path.ts'

/** The object of a resource id or scope that stands in a body; `undefined` where it is none. */
export function objectOfId(id: string): readonly string[] | undefined {
  if (id === '/') return []
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (!id.startsWith('/') || /[%?#\\\u0000-\u0020\u007f]|\/\/|\/\.{1,2}(\/|$)/.test(id))
    return undefined
  const path = readArmPath(id.slice(1).replace(/\/$/, '').split('/'))
  return typeof path === 'string' ? undefined : path.object
}
