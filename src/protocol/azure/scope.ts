import { TARGET_BYTES_MAX } from '../http/limits.ts'
import { readArmPath } from './resource-path.ts'

/** The object of a resource id or scope that stands in a body; `undefined` where it is none. */
export function objectOfId(id: string): readonly string[] | undefined {
  if (id === '/') return []
  if (id.length > TARGET_BYTES_MAX) return undefined
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (!id.startsWith('/') || /[%?#\\\u0000-\u0020\u007f]|\/\/|\/\.{1,2}(\/|$)/.test(id))
    return undefined
  const path = readArmPath(id.slice(1).replace(/\/$/, '').split('/'))
  return typeof path === 'string' ? undefined : path.object
}

/** `Microsoft.Compute/virtualMachines` of a resource's object. */
export function typeOf(object: readonly string[]): string {
  const [namespace, ...rest] = object.slice(object.lastIndexOf('providers') + 1)
  return [namespace, ...rest.filter((_, at) => at % 2 === 0)].join('/')
}
