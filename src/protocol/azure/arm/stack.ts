import type { Access } from '../../../core/operation.ts'
import type { Json } from '../json.ts'
import { fieldOf, isObject, textOf } from '../json.ts'
import type { ArmOperation } from '../operation-name.ts'
import { required } from '../required.ts'
import { objectOfId } from '../scope.ts'
import { Unreadable } from '../unreadable.ts'
import { DEPLOYMENT_COMPLETE, ESCALATE } from '../words.ts'
import { parametersOf, secretParameters } from './deployment-parameters.ts'
import type { TemplateReading } from './template/template.ts'
import { detailed, readTemplate, templateOf } from './template/template.ts'

/**
 * What the body of a deployment stack asks for: everything in its template, the deletion of whatever it
 * deployed before and no longer names, and what it denies to others. Throws Unreadable.
 */
export function readStack({ object }: ArmOperation, body: Json): TemplateReading {
  const properties = fieldOf(body, 'properties')
  const template = templateOf(properties)
  const scoped = textOf(properties, 'deploymentScope')
  const target =
    scoped === undefined ? object.slice(0, object.lastIndexOf('providers')) : objectOfId(scoped)
  if (target === undefined) throw new Unreadable('a scope of a deployment stack')
  const given = fieldOf(properties, 'parameters')
  const scope = { object: target, parameters: parametersOf(template, properties), given }
  const { accesses, copies } = readTemplate(template, scope, object)
  return {
    copies,
    accesses: [
      ...accesses,
      ...secretParameters(properties, scope),
      ...detailed(properties, target),
      ...unmanaged(fieldOf(properties, 'actionOnUnmanage'), target),
      ...denySettings(fieldOf(properties, 'denySettings'), object),
    ],
  }
}

/** What becomes of what a stack has deployed, when it no longer names it or is deleted itself. */
export function unmanaged(actions: Json | undefined, target: readonly string[]): readonly Access[] {
  const isTold = isObject(actions) && Object.keys(actions).length > 0
  const gone = isTold ? Object.entries(actions).filter(([, one]) => !isDetach(one)) : undefined
  // It is the target that knows what these are; all that is below the scope may be among them.
  if (gone === undefined) return deletionsOf([...CONTAINERS.keys()], target)
  return gone.length === 0
    ? []
    : deletionsOf(
        gone.map(([name]) => name.toLowerCase()),
        target,
      )
}

function isDetach(action: Json): boolean {
  return typeof action === 'string' && /^detach$/i.test(action)
}

/** Things that hold others, by the name of the setting. */
const CONTAINERS: ReadonlyMap<string, string> = new Map([
  ['resourcegroups', 'Microsoft.Resources/subscriptions/resourceGroups/delete'],
  ['managementgroups', 'Microsoft.Management/managementGroups/delete'],
])

function deletionsOf(names: readonly string[], target: readonly string[]): readonly Access[] {
  const containers = names.flatMap((name) => CONTAINERS.get(name) ?? [])
  return [DEPLOYMENT_COMPLETE, ...containers].map((action) => required(action, target))
}

/**
 * A stack may deny others, owners among them, what they may do. Whoever writes it sets or lifts that; Azure
 * has a permission of its own for it, and so it is asked of the agent.
 */
export function manageDenySettings(object: readonly string[]): Access {
  return required('Microsoft.Resources/deploymentStacks/manageDenySetting/action', object)
}

function denySettings(settings: Json | undefined, object: readonly string[]): readonly Access[] {
  const mode = textOf(settings, 'mode') ?? ''
  const denies = settings !== undefined && !/^none$/i.test(mode)
  return [manageDenySettings(object), ...(denies ? [required(ESCALATE, object)] : [])]
}
