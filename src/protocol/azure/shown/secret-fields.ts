import type { Json, JsonObject } from '../json.ts'
import { fieldOf, isList, isObject, textOf } from '../json.ts'
import { isSecretField } from './arm-places.ts'

/** Which fields of a body's objects are secrets: for people they are left out, with all inside. */
export type Found = Map<JsonObject, Set<string>>

/** Of what is not known by its type, nothing is. */
export interface Kind {
  readonly type: string
  /** Absent where an expression makes it. */
  readonly name: string | undefined
}

/** Of a resource's body, or an action's. */
export function secretsOfResource(body: Json, { type, name }: Kind): Found {
  const found: Found = new Map()
  collect(body, found, (path) => isSecretField(type, name, path))
  return found
}

/** Of the body of a deployment or a deployment stack. */
export function secretsOfDeployment(body: Json): Found {
  const found: Found = new Map()
  inDeployment(fieldOf(body, 'properties'), found)
  return found
}

/** Parameters that a template calls secure, wherever it stands, and what is a secret of its resources. */
function inDeployment(properties: Json | undefined, found: Found): void {
  const template = fieldOf(properties, 'template')
  const given = bySmallName(fieldOf(properties, 'parameters'))
  const isTypeSecure = holds(fieldOf(template, 'definitions') ?? null, isSecure)
  for (const [name, one] of bySmallName(fieldOf(template, 'parameters'))) {
    // A type with a name of its own may be any of the template's.
    if (!holds(one, isSecure) && !(isTypeSecure && holds(one, refersToType))) continue
    hide(one, ['defaultvalue', 'allowedvalues'], found)
    hide(given.get(name), ['value'], found)
  }
  inResources(fieldOf(template, 'resources'), undefined, found)
}

function bySmallName(value: Json | undefined): ReadonlyMap<string, Json> {
  const entries = isObject(value) ? Object.entries(value) : []
  return new Map(entries.map(([name, one]) => [name.toLowerCase(), one]))
}

/** Of a declaration, or of something in it. */
function holds(declared: Json, test: (one: JsonObject) => boolean): boolean {
  if (isList(declared)) return declared.some((one) => holds(one, test))
  if (!isObject(declared)) return false
  return test(declared) || Object.values(declared).some((one) => holds(one, test))
}

const isSecure = (one: JsonObject) => /^secure/i.test(textOf(one, 'type') ?? '')
const refersToType = (one: JsonObject) => textOf(one, '$ref') !== undefined

function inResources(resources: Json | undefined, parent: string | undefined, found: Found): void {
  const all = isList(resources) ? resources : isObject(resources) ? Object.values(resources) : []
  for (const resource of all) {
    if (!isObject(resource)) continue
    const written = textOf(resource, 'type') ?? ''
    const isWhole = parent === undefined || written.includes('.')
    const type = isWhole ? written : `${parent}/${written}`
    if (/^microsoft\.resources\/deployments$/i.test(type)) {
      inDeployment(fieldOf(resource, 'properties'), found)
    } else {
      const name = lastName(textOf(resource, 'name') ?? '')
      collect(resource, found, (path) => isSecretField(type, name, path))
    }
    inResources(fieldOf(resource, 'resources'), type, found)
  }
}

function lastName(name: string): string | undefined {
  return name.startsWith('[') ? undefined : name.slice(name.lastIndexOf('/') + 1)
}

function hide(holder: Json | undefined, names: readonly string[], found: Found): void {
  if (!isObject(holder)) return
  for (const name of Object.keys(holder))
    if (names.includes(name.toLowerCase())) add(holder, name, found)
}

function add(holder: JsonObject, name: string, found: Found): void {
  const fields = found.get(holder) ?? new Set()
  fields.add(name)
  found.set(holder, fields)
}

/** Fields with values of their own at places that are secret; `copy` makes several of what stands in it. */
function collect(body: Json, found: Found, isSecret: (path: readonly string[]) => boolean): void {
  const visit = (value: Json, path: readonly string[]): void => {
    if (isList(value)) for (const one of value) visit(one, path)
    if (!isObject(value)) return
    for (const [name, one] of Object.entries(value)) {
      const here = [...path, name]
      const small = name.toLowerCase()
      // What stands there has types and places of its own.
      if (path.length === 0 && small === 'resources') continue
      if (small === 'copy' && isList(one)) for (const copy of one) visitCopy(copy, path)
      else if (holdsValue(one) && isSecret(here)) add(value, name, found)
      else visit(one, here)
    }
  }
  const visitCopy = (copy: Json, path: readonly string[]): void => {
    const input = fieldOf(copy, 'input')
    const here = [...path, textOf(copy, 'name') ?? '']
    if (input === undefined) return
    if (holdsValue(input) && isSecret(here)) hide(copy, ['input'], found)
    else visit(input, here)
  }
  visit(body, [])
}

/** A reference to a parameter or a variable is no secret, and people have to see where a value comes from. */
const REFERENCE = /^\[\s*(?:parameters|variables)\s*\(\s*'[^']*'\s*\)(?:\.\w+)*\s*\]$/i

/** A value of its own, or a list of them; objects are looked into. */
function holdsValue(value: Json): boolean {
  if (isList(value)) return value.some(holdsValue)
  if (isObject(value) || value === null) return false
  return typeof value !== 'string' || !REFERENCE.test(value)
}
