import type { ObjectPath } from '../../../../core/object.ts'
import type { Access, Copy } from '../../../../core/operation.ts'
import type { Json, JsonObject } from '../../json.ts'
import { eachText, fieldOf, isList, isObject, textOf } from '../../json.ts'
import { TEMPLATE_CHARS_MAX, TEMPLATE_RESOURCES_MAX } from '../../limits.ts'
import { required } from '../../required.ts'
import { objectOfId } from '../../scope.ts'
import { Unreadable } from '../../unreadable.ts'
import { ESCALATE, SECRETS_READ } from '../../words.ts'
import { accessesOf } from '../operations/accesses.ts'
import { copiesOfTemplates } from './copies.ts'
import { isExpression } from './functions.ts'
import { bringsCode, identitiesIn } from './identities.ts'
import type { Level, TemplateScope } from './level.ts'
import type { TypeAndName } from './names.ts'
import { readNames, readTypes } from './names.ts'
import { ANYTHING, readsOfTemplate } from './reads.ts'

/** What a template asks for, and what it makes readable by other names. */
export interface TemplateReading {
  readonly accesses: readonly Access[]
  readonly copies: readonly Copy[]
}

/**
 * Everything that a deployment of the template does, as accesses: a write of every resource, nested
 * templates inside, secrets that expressions read, identities that are handed to resources; and as copies
 * to `deployed`, the deployment's object, what its expressions put where it can be read otherwise. Throws
 * Unreadable. What stands in expressions is not worked out: a name in one counts as any name.
 */
export function readTemplate(
  template: Json,
  scope: TemplateScope,
  deployed: ObjectPath,
): TemplateReading {
  const found: Access[] = []
  const own: ObjectPath[] = []
  const levels: Level[] = []
  let count = 0
  let characters = 0
  const charge = (more: number) => {
    characters += more
    if (characters > TEMPLATE_CHARS_MAX) {
      throw new Unreadable('templates in templates that are too much to look at')
    }
  }
  const add: Visit = (resource, parent, within, isAgain) => {
    count++
    if (count > TEMPLATE_RESOURCES_MAX) throw new Unreadable('the template has too many resources')
    visit(resource, parent, within, isAgain)
  }
  const visit: Visit = (resource, parent, within, isAgain) => {
    refuseFields(resource, ['import', 'extension'], 'a resource of another system')
    const type = textOf(resource, 'type')
    const name = textOf(resource, 'name')
    if (type === undefined || name === undefined) {
      throw new Unreadable('a resource in the template has no type or no name')
    }
    const types = readTypes(type, parent)
    if (types === undefined) throw new Unreadable('a type in the template cannot be read')
    const named: TypeAndName = { types, names: readNames(name, types, parent, within.parameters) }
    const object = objectOf(named, scopeOf(resource, within))
    const existing = isExisting(resource)
    own.push(object)
    const action = `${actionType(named)}/${existing ? 'read' : 'write'}`
    found.push(...accessesOf({ action, object, effect: existing ? 'read' : 'write' }))
    if (isDeployment(named)) nested(resource, within, isAgain)
    else if (/^microsoft\.resources\/deploymentstacks$/i.test(actionType(named))) {
      throw new Unreadable('a template in which a deployment stack stands')
    }
    for (const child of listOf(fieldOf(resource, 'resources'))) add(child, named, within, isAgain)
  }
  const nested = (resource: JsonObject, within: TemplateScope, isAgain: boolean) => {
    const properties = fieldOf(resource, 'properties')
    const isOwn = /^inner$/i.test(
      textOf(fieldOf(properties, 'expressionEvaluationOptions'), 'scope') ?? '',
    )
    const inside = { object: nestedScope(resource, within), parameters: new Map() }
    readOne(templateOf(properties), inside, isAgain || !isOwn)
    found.push(...detailed(properties, inside.object))
  }
  const readOne = (one: Json, within: TemplateScope, isAgain: boolean) => {
    if (!isObject(one)) throw new Unreadable('a template in it is no object')
    refuseFields(one, ['imports', 'extensions'], 'a template that uses other systems')
    // Expressions are worked out in their template's own scope or in that around it; both look at them.
    levels.push({ template: one, scope: within, isAgain, charge })
    for (const resource of listOf(fieldOf(one, 'resources'))) {
      add(resource, undefined, within, isAgain)
    }
  }
  readOne(template, scope, false)
  found.push(...levels.flatMap(readsOfTemplate))
  if (levels.some(({ isAgain }) => isAgain) && bringsExpressions(template, scope)) {
    found.push(...ANYTHING)
  }
  found.push(...identitiesIn(template))
  if (bringsCode(template)) found.push(required(ESCALATE, scope.object))
  return { accesses: found, copies: copiesOfTemplates(levels, own, deployed) }
}

type Visit = (
  resource: JsonObject,
  parent: TypeAndName | undefined,
  within: TemplateScope,
  isAgain: boolean,
) => void

/**
 * Texts that are none yet, and are or begin expressions where they come out in a template that is worked out
 * again: `[[…]`, and a bracket that nothing closes.
 */
function bringsExpressions(template: Json, { given }: TemplateScope): boolean {
  let brings = false
  eachText(template, (text) => {
    brings ||= /^\s*\[/.test(text) && (!isExpression(text) || /^\s*\[\s*\[/.test(text))
  })
  eachText(given ?? null, (text) => void (brings ||= /^\s*\[/.test(text)))
  return brings
}

/** Whether a thing is only read: no other way to say so is known. */
function isExisting(resource: JsonObject): boolean {
  const existing = fieldOf(resource, 'existing')
  if (existing === undefined || typeof existing === 'boolean') return existing === true
  throw new Unreadable('a resource in the template exists by an expression')
}

/**
 * `debugSetting`: requests and answers of the deployment are kept where its operations can be read, keys
 * among them.
 */
export function detailed(
  properties: Json | undefined,
  object: readonly string[],
): readonly Access[] {
  const level = fieldOf(fieldOf(properties, 'debugSetting'), 'detailLevel')
  const isNone = level === undefined || level === null || /^"none"$/i.test(JSON.stringify(level))
  return isNone ? [] : [required(SECRETS_READ, object)]
}

/** The template inside a deployment's properties. Throws Unreadable where it lies elsewhere. */
export function templateOf(properties: Json | undefined): Json {
  if (!isObject(properties)) throw new Unreadable('a deployment without properties')
  onlyKnown(properties)
  refuseFields(properties, ['templateLink'], 'a template that lies elsewhere')
  refuseFields(properties, ['parametersLink'], 'parameters that lie elsewhere')
  refuseFields(properties, ['onErrorDeployment'], 'a deployment that runs another one on errors')
  const template = fieldOf(properties, 'template')
  if (template === undefined) throw new Unreadable('a deployment without a template')
  return template
}

/** New versions of the API bring expressions where values stood, and texts from elsewhere. */
function onlyKnown(properties: JsonObject): void {
  const odd = Object.keys(properties).find((name) => !KNOWN_PROPERTIES.has(name.toLowerCase()))
  if (odd !== undefined) throw new Unreadable('a deployment with a property that is not known')
  const parameters = fieldOf(properties, 'parameters')
  for (const one of isObject(parameters) ? Object.values(parameters) : []) {
    const names = isObject(one) ? Object.keys(one) : []
    if (names.every((name) => KNOWN_OF_PARAMETER.has(name.toLowerCase()))) continue
    throw new Unreadable('a parameter that is more than a value or a reference')
  }
}

const KNOWN_OF_PARAMETER: ReadonlySet<string> = new Set(['value', 'reference', 'type', 'metadata'])

/** Of deployments and of stacks; the second lines are told by the target, and clients send them back. */
const KNOWN_PROPERTIES: ReadonlySet<string> = new Set(
  `template templatelink parameters parameterslink mode debugsetting onerrordeployment expressionevaluationoptions
  validationlevel whatifsettings actiononunmanage denysettings deploymentscope description bypassstackoutofsyncerror
  provisioningstate correlationid timestamp duration outputs providers dependencies outputresources validatedresources
  templatehash error diagnostics resources detachedresources deletedresources failedresources deploymentid`.split(
    /\s+/,
  ),
)

function refuseFields(value: Json, names: readonly string[], what: string): void {
  for (const name of names) {
    const found = fieldOf(value, name)
    if (found !== undefined && found !== null) throw new Unreadable(what)
  }
}

/** Resources stand in a list, or by symbolic names in an object. */
function listOf(resources: Json | undefined): readonly JsonObject[] {
  if (resources === undefined || resources === null) return []
  const all = isList(resources) ? resources : isObject(resources) ? Object.values(resources) : []
  if (!isList(resources) && !isObject(resources)) throw new Unreadable('resources that are no list')
  return all.map((one) => {
    if (!isObject(one)) throw new Unreadable('a resource in the template is no object')
    return one
  })
}

function isDeployment({ types }: TypeAndName): boolean {
  return types.join('/').toLowerCase() === 'microsoft.resources/deployments'
}

function actionType({ types }: TypeAndName): string {
  return isGroup(types) ? 'Microsoft.Resources/subscriptions/resourceGroups' : types.join('/')
}

/** Its path; from the first name on that is not known, the collection that it will be in. */
function objectOf({ types, names }: TypeAndName, scope: readonly string[]): readonly string[] {
  const group = isGroup(types)
  const path = group ? [...scope] : [...scope, 'providers', types[0]!]
  for (const [at, type] of types.slice(1).entries()) {
    path.push(type)
    const name = names[at]
    if (name === undefined) return path
    path.push(name)
  }
  return path
}

/** Resource groups are made in a subscription, not below a provider. */
function isGroup(types: readonly string[]): boolean {
  return types.join('/').toLowerCase() === 'microsoft.resources/resourcegroups'
}

function scopeOf(resource: JsonObject, within: TemplateScope): readonly string[] {
  const scope = fieldOf(resource, 'scope')
  if (scope === undefined || scope === null) return within.object
  // Where an expression leads is not worked out: anywhere.
  if (typeof scope !== 'string' || scope.startsWith('[')) return []
  const id = scope.startsWith('/') ? objectOfId(scope) : objectOfId(idIn(within.object, scope))
  if (id === undefined) throw new Unreadable('a scope in the template cannot be read')
  return id
}

function idIn(scope: readonly string[], relative: string): string {
  return `/${[...scope, 'providers', relative].join('/')}`
}

function nestedScope(resource: JsonObject, within: TemplateScope): readonly string[] {
  const explicit = fieldOf(resource, 'scope')
  const subscription = fieldOf(resource, 'subscriptionId')
  const group = fieldOf(resource, 'resourceGroup')
  if (explicit !== undefined && explicit !== null) return scopeOf(resource, within)
  if (subscription === undefined && group === undefined) return within.object
  const base =
    subscription === undefined ? within.object.slice(0, 2) : wordOf(subscription, 'subscriptions')
  if (base.length === 0 || group === undefined) return base
  const named = wordOf(group, 'resourceGroups')
  return named.length === 0 ? base : [...base, ...named]
}

/** `['resourceGroups', 'x']`; nothing for an expression. */
function wordOf(value: Json, type: string): readonly string[] {
  if (typeof value !== 'string') throw new Unreadable('a scope in the template is no text')
  return value.startsWith('[') ? [] : [type, value.toLowerCase()]
}
