import type { Access } from '../../core/operation.ts'
import { accessesOf, required } from './arm-accesses.ts'
import type { ArmOperation } from './arm-operation.ts'
import { bringsCode, identitiesIn } from './identities.ts'
import type { Json } from './json.ts'
import { fieldOf, isList, isObject, textOf } from './json.ts'
import { objectOfId } from './scope.ts'
import type { TemplateScope } from './template.ts'
import { accessesOfTemplate, templateOf, Unreadable } from './template.ts'
import { DEPLOYMENT_COMPLETE, ESCALATE, REFERENCE, SECRETS_READ } from './words.ts'

/**
 * What a request's body asks for beside its path: the resources of a deployment, the target of a
 * move, identities. Throws Unreadable.
 */
export function accessesOfBody(operation: ArmOperation, body: Json): readonly Access[] {
  const action = operation.action.toLowerCase()
  const scope = scopeOfDeployment(operation.object)
  if (action === 'microsoft.resources/deployments/write') return deployment(body, scope)
  if (/^microsoft\.resources\/deployments\/(whatif|validate)\/action$/.test(action)) {
    return deployment(body, scope).filter(onlyReads)
  }
  if (action === 'microsoft.resources/deploymentstacks/write') return stack(body, scope)
  if (action === 'microsoft.resources/deploymentstacks/validate/action') {
    return stack(body, scope).filter(onlyReads)
  }
  if (/^microsoft\.resources\/deploymentstacks(whatifresults)?\//.test(action)) {
    throw new Unreadable('an operation of deployment stacks other than writing and deleting')
  }
  if (/\/(validate)?moveresources\/action$/.test(action)) return move(operation, body)
  const code = bringsCode(body) ? [required(ESCALATE, operation.object)] : []
  return [...identitiesIn(body), ...code]
}

/** What is evaluated also where nothing is deployed. */
function onlyReads({ action }: Access): boolean {
  return action === SECRETS_READ || action === REFERENCE || action.endsWith('/read')
}

const NEEDS_BODY =
  /^microsoft\.resources\/(deployments|deploymentstacks)\/(write|whatif\/action|validate\/action)$|\/(validate)?moveresources\/action$/i

/** Whether an operation can only be judged by its body. */
export function needsBody(operation: ArmOperation): boolean {
  return NEEDS_BODY.test(operation.action)
}

/** What stands before `providers/Microsoft.Resources/…`. */
function scopeOfDeployment(object: readonly string[]): readonly string[] {
  return object.slice(0, object.lastIndexOf('providers'))
}

function deployment(body: Json, object: readonly string[]): readonly Access[] {
  const properties = fieldOf(body, 'properties')
  const template = templateOf(properties)
  const scope = { object, parameters: parametersOf(template, properties) }
  const mode = textOf(properties, 'mode')?.toLowerCase()
  return [
    ...accessesOfTemplate(template, scope),
    ...secretParameters(properties, scope),
    ...(mode === 'incremental' ? [] : [required(DEPLOYMENT_COMPLETE, object)]),
  ]
}

/** A stack owns what it deployed, and may delete what it no longer names. */
function stack(body: Json, object: readonly string[]): readonly Access[] {
  const properties = fieldOf(body, 'properties')
  const template = templateOf(properties)
  const scoped = textOf(properties, 'deploymentScope')
  const target = scoped === undefined ? object : objectOfId(scoped)
  if (target === undefined) throw new Unreadable('a scope of a deployment stack')
  const scope = { object: target, parameters: parametersOf(template, properties) }
  const unmanaged = fieldOf(properties, 'actionOnUnmanage')
  const detaches =
    isObject(unmanaged) &&
    Object.values(unmanaged).every((one) => typeof one === 'string' && /^detach$/i.test(one))
  return [
    ...accessesOfTemplate(template, scope),
    ...secretParameters(properties, scope),
    ...(detaches ? [] : [required(DEPLOYMENT_COMPLETE, target)]),
  ]
}

/** Parameters whose values are plain texts: given ones, else the template's own. */
function parametersOf(template: Json, properties: Json | undefined): ReadonlyMap<string, string> {
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
function secretParameters(properties: Json | undefined, scope: TemplateScope): readonly Access[] {
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

/** Moving takes things out of one group and puts them into another. */
function move({ action }: ArmOperation, body: Json): readonly Access[] {
  const target = objectOfId(textOf(body, 'targetResourceGroup') ?? '')
  const resources = fieldOf(body, 'resources')
  if (target === undefined || !isList(resources)) throw new Unreadable('a move without its target')
  const moved = resources.map((id) => {
    const one = typeof id === 'string' ? objectOfId(id) : undefined
    if (one === undefined) throw new Unreadable('a resource to move that is no id')
    return required(action, one)
  })
  const write = 'Microsoft.Resources/subscriptions/resourceGroups/write'
  return [...moved, ...accessesOf({ action: write, object: target, effect: 'write' })]
}
