import type { Access } from '../../../core/operation.ts'
import type { RequestHead } from '../../http/head.ts'
import type { ArmOperation } from '../operation-name.ts'
import { required } from '../required.ts'
import { SECRETS_READ } from '../words.ts'
import { manageDenySettings, unmanaged } from './stack.ts'

/**
 * What the query asks for beside. `$expand=userData` shows what a machine was started with, which is
 * where passwords are put; a stack may take along what it deployed when it goes.
 */
export function accessesOfQuery(head: RequestHead, operation: ArmOperation): readonly Access[] {
  const shown = head.parameters.some(
    ([name, value]) => /^\$?expand$/i.test(name) && /userdata|secret|key|credential/i.test(value),
  )
  return [
    ...(shown ? [required(SECRETS_READ, operation.object)] : []),
    ...(operation.action.toLowerCase() === STACK_DELETE ? endOfStack(head, operation) : []),
  ]
}

const STACK_DELETE = 'microsoft.resources/deploymentstacks/delete'
const UNMANAGE = /^unmanageaction\.?/i

/** Its denials go with it, and whatever the query does not leave behind. Without a word it is left. */
function endOfStack({ parameters }: RequestHead, { object }: ArmOperation): readonly Access[] {
  const actions = parameters.filter(([name]) => UNMANAGE.test(name))
  const asked = Object.fromEntries(
    actions.map(([name, value]) => [name.replace(UNMANAGE, ''), value]),
  )
  const scope = object.slice(0, object.lastIndexOf('providers'))
  return [manageDenySettings(object), ...(actions.length === 0 ? [] : unmanaged(asked, scope))]
}
