import type { Access, Copy } from '../../../core/operation.ts'
import type { Json } from '../json.ts'
import { fieldOf, isList, textOf } from '../json.ts'
import type { ArmOperation } from '../operation-name.ts'
import { required } from '../required.ts'
import { objectOfId, typeOf } from '../scope.ts'
import { Unreadable } from '../unreadable.ts'
import { DEPLOYMENT_COMPLETE, ESCALATE, REFERENCE, SECRETS_READ } from '../words.ts'
import { parametersOf, secretParameters } from './deployment-parameters.ts'
import { accessesOf } from './operations/accesses.ts'
import { readStack } from './stack.ts'
import { bringsCode, identitiesIn } from './template/identities.ts'
import type { TemplateReading } from './template/template.ts'
import { detailed, readTemplate, templateOf } from './template/template.ts'

/**
 * What a request's body asks for beside its path: the resources of a deployment, the target of a
 * move, identities. Throws Unreadable.
 */
export function readBody(operation: ArmOperation, body: Json): TemplateReading {
  const action = operation.action.toLowerCase()
  if (action === 'microsoft.resources/deployments/write') return deployment(operation, body)
  if (/^microsoft\.resources\/deployments\/(whatif|validate)\/action$/.test(action)) {
    return onlyReads(deployment(operation, body))
  }
  if (action === 'microsoft.resources/deploymentstacks/write') return readStack(operation, body)
  if (action === 'microsoft.resources/deploymentstacks/validate/action') {
    return onlyReads(readStack(operation, body))
  }
  if (action.startsWith('microsoft.resources/deploymentstackswhatifresults/')) {
    throw new Unreadable('a what-if of a deployment stack that is kept at the target')
  }
  const isMove = /\/(validate)?moveresources\/action$/.test(action)
  if (isMove) return move(operation, body)
  const code = bringsCode(body) ? [required(ESCALATE, operation.object)] : []
  return { accesses: [...identitiesIn(body), ...code], copies: [] }
}

/** What is evaluated also where nothing is deployed. Nothing of it is kept. */
function onlyReads({ accesses }: TemplateReading): TemplateReading {
  const reads = accesses.filter(
    ({ action }) => action === SECRETS_READ || action === REFERENCE || action.endsWith('/read'),
  )
  return { accesses: reads, copies: [] }
}

const NEEDS_BODY =
  /^microsoft\.resources\/(deployments|deploymentstacks|deploymentstackswhatifresults)\/(write|whatif\/action|validate\/action)$|\/(validate)?moveresources\/action$/i

/** Whether an operation can only be judged by its body. */
export function needsBody(operation: ArmOperation): boolean {
  return NEEDS_BODY.test(operation.action)
}

function deployment({ object: own }: ArmOperation, body: Json): TemplateReading {
  const properties = fieldOf(body, 'properties')
  const template = templateOf(properties)
  const object = own.slice(0, own.lastIndexOf('providers'))
  const given = fieldOf(properties, 'parameters')
  const scope = { object, parameters: parametersOf(template, properties), given }
  const mode = textOf(properties, 'mode')?.toLowerCase()
  const { accesses, copies } = readTemplate(template, scope, own)
  return {
    copies,
    accesses: [
      ...accesses,
      ...secretParameters(properties, scope),
      ...detailed(properties, object),
      ...(mode === 'incremental' ? [] : [required(DEPLOYMENT_COMPLETE, object)]),
    ],
  }
}

/**
 * Moving takes things out of one group and puts them into another: for who judges it, a deletion here
 * and a write there, though Azure asks for less.
 */
function move({ action, object }: ArmOperation, body: Json): TemplateReading {
  const target = objectOfId(textOf(body, 'targetResourceGroup') ?? '')
  const resources = fieldOf(body, 'resources')
  if (target === undefined || !isList(resources)) throw new Unreadable('a move without its target')
  const moved = resources.map((id) => {
    const one = typeof id === 'string' ? objectOfId(id) : undefined
    if (one?.includes('providers') !== true) {
      throw new Unreadable('a resource to move that is no id')
    }
    return one
  })
  const asked = moved.map((one) => required(action, one))
  const write = 'Microsoft.Resources/subscriptions/resourceGroups/write'
  const into = accessesOf({ action: write, object: target, effect: 'write' })
  if (/validatemoveresources/i.test(action)) return { accesses: [...asked, ...into], copies: [] }
  const taken = moved.flatMap((one) => takenAndPut(one, object, target))
  // Where it comes to, masks of where it was do not speak of it.
  const copies = moved.map((from): Copy => ({ from, to: target, whole: true, defined: true }))
  return { accesses: [...asked, ...into, ...taken], copies }
}

/** A resource that is moved; where its new place cannot be told, it may be any in the target. */
function takenAndPut(
  moved: readonly string[],
  from: readonly string[],
  to: readonly string[],
): readonly Access[] {
  const type = typeOf(moved)
  const isInside = from.every((word, at) => moved[at] === word)
  const object = isInside ? [...to, ...moved.slice(from.length)] : to
  return [
    ...accessesOf({ action: `${type}/delete`, object: moved, effect: 'delete' }),
    ...accessesOf({ action: `${type}/write`, object, effect: 'write' }),
  ]
}
