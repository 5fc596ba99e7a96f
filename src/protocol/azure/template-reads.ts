import type { Access } from '../../core/operation.ts'
import { required } from './arm-accesses.ts'
import type { Json } from './json.ts'
import { eachText, fieldOf, isList, isObject } from './json.ts'
import { spell } from './spelling.ts'
import { REFERENCE, SECRETS_READ } from './words.ts'

/**
 * What a template's expressions read while it is deployed, with the gateway's access and not the
 * agent's: keys (`listKeys`, all `list…`), secrets of vaults, and by `reference` the properties of
 * things, which outputs then tell.
 */
export function readsOfTemplate(template: Json, scope: readonly string[]): readonly Access[] {
  const found: Access[] = []
  eachText(template, (text) => {
    if (SECRETS.test(text)) found.push(required(SECRETS_READ, scope))
    for (const match of text.matchAll(REFERENCES)) {
      const read = readOf(text.slice(match.index + match[0].length), scope)
      if (read !== undefined) found.push(read)
    }
  })
  if (hasVaultReference(template)) found.push(required(SECRETS_READ, scope))
  return found
}

const SECRETS = /\blist[a-z0-9]*\s*\(|\bgetsecret\s*\(/i
const REFERENCES = /\breferences?\s*\(/gi

/** A name, which can only be of something in the same template. */
const OWN = /^\s*'[A-Za-z0-9_.-]*'\s*[,)]/
/** A type first: with a group or a subscription before it, it would be somewhere else. */
const SAME_SCOPE =
  /^\s*resourceId\s*\(\s*'([A-Za-z][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+)((?:\/[A-Za-z][A-Za-z0-9]*)+)'/

function readOf(argument: string, scope: readonly string[]): Access | undefined {
  if (OWN.test(argument)) return undefined
  const [, namespace = '', types = ''] = SAME_SCOPE.exec(argument) ?? []
  if (namespace === '') return required(REFERENCE, [])
  const words = [namespace, ...types.slice(1).split('/')].map(spell)
  const object = [...scope, 'providers', words[0]!, words[1]!]
  return required(`${words.join('/')}/read`, object)
}

/** `reference: { keyVault: … }` of a parameter. */
function hasVaultReference(value: Json): boolean {
  if (isList(value)) return value.some(hasVaultReference)
  if (!isObject(value)) return false
  const reference = fieldOf(value, 'reference')
  if (isObject(reference) && fieldOf(reference, 'keyVault') !== undefined) return true
  return Object.values(value).some(hasVaultReference)
}
