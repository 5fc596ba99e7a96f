import type { ArmOperation } from '../../operation-name.ts'
import type { ArmPath } from '../../resource-path.ts'
import { exceptionFor } from './exceptions.ts'

/**
 * The rule: the last namespace with its types, then `read` for GET and HEAD, `write` for PUT and
 * PATCH, `delete` for DELETE, and for POST its last word and `action`. Exceptions are a table.
 * `undefined`: a method that Resource Manager does not have.
 */
export function armOperation(method: string, path: ArmPath): ArmOperation | undefined {
  const effect = EFFECTS.get(method)
  if (effect === undefined) return undefined
  const exception = exceptionFor(method, path)
  if (exception !== undefined) {
    const { action, effect: other = effect } = exception
    return { action, object: path.object, effect: other }
  }
  const { namespace, types, object } = path
  if (effect !== 'action') return { action: join(namespace, types, effect), object, effect }
  // A POST to a thing by its name changes it: there is no verb.
  if (!path.endsWithType) return { action: join(namespace, types, 'write'), object, effect }
  return { action: join(namespace, types, 'action'), object: object.slice(0, -1), effect }
}

const EFFECTS: ReadonlyMap<string, ArmOperation['effect']> = new Map([
  ['GET', 'read'],
  ['HEAD', 'read'],
  ['PUT', 'write'],
  ['PATCH', 'write'],
  ['DELETE', 'delete'],
  ['POST', 'action'],
])

function join(namespace: string, types: readonly string[], last: string): string {
  return [namespace, ...types, last].join('/')
}
