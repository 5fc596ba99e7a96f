import type { Access } from '../../../../core/operation.ts'
import type { Json } from '../../json.ts'
import { eachText, fieldOf, isList, isObject } from '../../json.ts'
import { objectOfId } from '../../scope.ts'
import { accessesOf } from '../operations/accesses.ts'

const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action'

/**
 * Managed identities that a body hands to a resource: whoever runs there is them from then on. Azure
 * asks for this permission of the gateway, and so it is asked of the agent.
 */
export function identitiesIn(body: Json): readonly Access[] {
  const objects = new Map<string, readonly string[]>()
  const add = (object: readonly string[]) => objects.set(object.join('/'), object)
  eachText(body, (text) => {
    if (!/\/userassignedidentities\/[^/]+$/i.test(text)) return
    add(objectOfId(text) ?? [])
  })
  if (namesUnknown(body)) add([])
  return [...objects.values()].flatMap((object) =>
    accessesOf({ action: ASSIGN, object, effect: 'action' }),
  )
}

/** Fields that bring code to where it runs with the identity of a resource. Small letters. */
const CODE_FIELDS: ReadonlySet<string> = new Set([
  'extensionprofile',
  'commandtoexecute',
  'scriptcontent',
  'runcommand',
])

export function bringsCode(value: Json): boolean {
  if (isList(value)) return value.some(bringsCode)
  if (!isObject(value)) return false
  return Object.entries(value).some(
    ([name, one]) => CODE_FIELDS.has(name.toLowerCase()) || bringsCode(one),
  )
}

/** An identity by an expression: any. */
function namesUnknown(value: Json): boolean {
  if (isList(value)) return value.some(namesUnknown)
  if (!isObject(value)) return false
  const assigned = fieldOf(fieldOf(value, 'identity'), 'userAssignedIdentities')
  const unknown =
    typeof assigned === 'string' ||
    (isObject(assigned) && Object.keys(assigned).some((id) => id.startsWith('[')))
  return unknown || Object.values(value).some(namesUnknown)
}
