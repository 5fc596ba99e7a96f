import type { Json } from '../json.ts'
import { isList, isObject } from '../json.ts'
import type { Found } from './secret-fields.ts'

/**
 * Where bodies of Microsoft Graph hold secrets, from the top: the names are the schema's, and Graph refuses those
 * that it does not know. Small letters; lists have no place of their own.
 */
const PLACES: ReadonlySet<string> = new Set(
  `passwordprofile.password passwordcredentials.secrettext passwordcredential.secrettext keycredentials.key
  keycredential.key proof password currentpassword newpassword clientsecret temporaryaccesspass
  value.value`.split(/\s+/),
)

export function secretsOfGraph(body: Json): Found {
  const found: Found = new Map()
  const visit = (value: Json, path: string): void => {
    if (isList(value)) for (const one of value) visit(one, path)
    if (!isObject(value)) return
    for (const [name, one] of Object.entries(value)) {
      const here = `${path}${name.toLowerCase()}`
      if (!PLACES.has(here)) visit(one, `${here}.`)
      else found.set(value, (found.get(value) ?? new Set()).add(name))
    }
  }
  visit(body, '')
  return found
}
