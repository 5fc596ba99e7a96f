import type { Access } from '../../core/operation.ts'
import { required } from './arm-accesses.ts'
import type { Json } from './json.ts'
import { eachText, fieldOf, isList, isObject } from './json.ts'
import type { TemplateScope } from './template.ts'
import { collectionOf, referencesIn } from './template-references.ts'
import { REFERENCE, SECRETS_READ } from './words.ts'

/**
 * What a template's expressions read while it is deployed, with the gateway's access and not the
 * agent's: keys (`listKeys`, all `list…`), secrets of vaults, and by `reference` the properties of
 * things, which outputs then tell.
 */
export function readsOfTemplate(template: Json, scope: TemplateScope): readonly Access[] {
  const found: Access[] = []
  eachText(template, (text) => {
    if (SECRETS.test(text)) found.push(required(SECRETS_READ, scope.object))
    for (const one of referencesIn(text, scope.parameters)) {
      if (one.of === 'unknown') found.push(required(REFERENCE, []))
      if (one.of === 'other') {
        found.push(required(`${one.words.join('/')}/read`, collectionOf(one, scope.object)))
      }
    }
  })
  if (hasVaultReference(template)) found.push(required(SECRETS_READ, scope.object))
  return found
}

const SECRETS = /\blist[a-z0-9]*\s*\(|\bgetsecret\s*\(/i

/** `reference: { keyVault: … }` of a parameter. */
function hasVaultReference(value: Json): boolean {
  if (isList(value)) return value.some(hasVaultReference)
  if (!isObject(value)) return false
  const reference = fieldOf(value, 'reference')
  if (isObject(reference) && fieldOf(reference, 'keyVault') !== undefined) return true
  return Object.values(value).some(hasVaultReference)
}
