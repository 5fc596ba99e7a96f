import type { Access } from '../../../core/operation.ts'
import type { Json } from '../json.ts'
import { fieldOf, isObject, textOf } from '../json.ts'
import { required } from '../required.ts'
import { objectOfId } from '../scope.ts'
import { SECRETS_READ } from '../words.ts'
import type { TemplateScope } from './template/level.ts'

/** Parameters whose values are plain texts: given ones, else the template's own. */
export function parametersOf(
  template: Json,
  properties: Json | undefined,
): ReadonlyMap<string, string> {
  const known = new Map<string, string>()
  const take = (parameters: Json | undefined, key: string) => {
    if (!isObject(parameters)) return
    for (const [name, one] of Object.entries(parameters)) {
      const value = fieldOf(one, key)
      if (typeof value === 'string' && !value.startsWith('[')) known.set(name.toLowerCase(), value)
      else if (isObject(one) && (value !== undefined || fieldOf(one, 'reference') !== undefined)) {
        known.delete(name.toLowerCase())
      }
    }
  }
  take(fieldOf(template, 'parameters'), 'defaultValue')
  take(fieldOf(properties, 'parameters'), 'value')
  return known
}

/** `reference: { keyVault: { id } }`: the deployment reads a secret there with the gateway's access. */
export function secretParameters(
  properties: Json | undefined,
  scope: TemplateScope,
): readonly Access[] {
  const parameters = fieldOf(properties, 'parameters')
  if (!isObject(parameters)) return []
  return Object.values(parameters).flatMap((one) => {
    const vault = fieldOf(fieldOf(one, 'reference'), 'keyVault')
    if (vault === undefined && fieldOf(one, 'reference') === undefined) return []
    const object = objectOfId(textOf(vault, 'id') ?? '') ?? scope.object
    return [
      required('Microsoft.KeyVault/vaults/deploy/action', object),
      required(SECRETS_READ, object),
    ]
  })
}
