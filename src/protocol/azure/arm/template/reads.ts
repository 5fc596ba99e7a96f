import type { Access } from '../../../../core/operation.ts'
import type { Json } from '../../json.ts'
import { eachText, fieldOf, isList, isObject, textOf } from '../../json.ts'
import { required } from '../../required.ts'
import { REFERENCE, SECRETS_READ } from '../../words.ts'
import { callsIn, isExpression, isKnownFunction, mayMakeExpression } from './functions.ts'
import type { Level } from './level.ts'
import { collectionOf, referencesIn } from './references.ts'
import { scopeReadsIn } from './scopes.ts'

/**
 * What a template's expressions read while it is deployed, with the gateway's access and not the
 * agent's: keys (`listKeys`, all `list…`), secrets of vaults, and by `reference` or `resourceGroup` the
 * properties of things, which outputs then tell.
 */
export function readsOfTemplate(level: Level): readonly Access[] {
  const { template, scope, isAgain, charge } = level
  const reads = new Map<string, Access>()
  const found = {
    push(...accesses: readonly Access[]) {
      for (const one of accesses) reads.set(JSON.stringify([one.action, one.object]), one)
    },
  }
  const own = ownNamespaces(template)
  eachText(template, (text) => {
    charge(text.length)
    if (SECRETS.test(text)) found.push(required(SECRETS_READ, scope.object))
    for (const one of referencesIn(text, scope.parameters)) {
      if (one.of === 'unknown') found.push(required(REFERENCE, []))
      if (one.of === 'other') {
        found.push(required(`${one.words.join('/')}/read`, collectionOf(one, scope.object)))
      }
    }
    if (!isExpression(text)) {
      // What comes out of it is an expression, and worked out then.
      if (isAgain && /^\s*\[/.test(text)) found.push(...ANYTHING)
      return
    }
    const told = scopeReadsIn(text, scope.object)
    // Tags and names of groups are texts of whoever wrote them.
    if (isAgain && (told.length > 0 || mayMakeExpression(text))) found.push(...ANYTHING)
    for (const { action, object } of told) found.push(required(action, object))
    if (callsIn(text).some(({ name }) => !isKnownFunction(name, own))) {
      found.push(required(REFERENCE, []))
    }
  })
  if (hasVaultReference(template)) found.push(required(SECRETS_READ, scope.object))
  return [...reads.values()]
}

const SECRETS = /\blist[a-z0-9]*\s*\(|\bgetsecret\s*\(/i

/** An expression that is put together is worked out: keys of anything may be in it. */
export const ANYTHING: readonly Access[] = [required(REFERENCE, []), required(SECRETS_READ, [])]

/** Functions that a template brings along may not read anything; their texts are looked at as all others. */
function ownNamespaces(template: Json): ReadonlySet<string> {
  const functions = fieldOf(template, 'functions')
  const listed = isList(functions) ? functions : []
  return new Set(listed.flatMap((one) => textOf(one, 'namespace')?.toLowerCase() ?? []))
}

/** `reference: { keyVault: … }` of a parameter. */
function hasVaultReference(value: Json): boolean {
  if (isList(value)) return value.some(hasVaultReference)
  if (!isObject(value)) return false
  const reference = fieldOf(value, 'reference')
  if (isObject(reference) && fieldOf(reference, 'keyVault') !== undefined) return true
  return Object.values(value).some(hasVaultReference)
}
