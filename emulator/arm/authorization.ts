import { route } from './groups.ts'
import type { Call, Route } from './state.ts'
import { find, page, put } from './state.ts'

const A = '(.*)/providers/Microsoft.Authorization'

/** Role definitions and assignments at any scope. */
export const AUTHORIZATION_ROUTES: readonly Route[] = [
  { method: 'GET', path: route(`${A}/roleDefinitions`), answer: definitions },
  { method: 'GET', path: route(`${A}/roleDefinitions/([^/]+)`), answer: definition },
  { method: 'GET', path: route(`${A}/roleAssignments`), answer: assignments },
  { method: 'GET', path: route(`${A}/classicAdministrators`), answer: (call) => page(call, []) },
  { method: 'PUT', path: route(`${A}/roleAssignments/([^/]+)`), answer: assign },
  { method: 'DELETE', path: route(`${A}/roleAssignments/([^/]+)`), answer: unassign },
]

const ROLES: readonly (readonly [name: string, guid: string])[] = [
  ['Reader', 'acdd72a7-3385-48ef-bd42-f606fba81ae7'],
  ['Contributor', 'b24988ac-6180-42a0-ab88-20f7382dd24c'],
  ['Owner', '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'],
]

function roleOf({ state }: Call, [roleName, guid]: (typeof ROLES)[number]): object {
  return {
    id: `/subscriptions/${state.subscription}/providers/Microsoft.Authorization/roleDefinitions/${guid}`,
    type: 'Microsoft.Authorization/roleDefinitions',
    name: guid,
    properties: {
      roleName,
      type: 'BuiltInRole',
      description: roleName,
      assignableScopes: ['/'],
      permissions: [],
    },
  }
}

function definitions(call: Call) {
  const wanted = /roleName eq '([^']+)'/i.exec(call.query.get('$filter') ?? '')?.[1]
  const all = ROLES.filter(
    ([name]) => wanted === undefined || wanted.toLowerCase() === name.toLowerCase(),
  )
  return page(
    call,
    all.map((role) => roleOf(call, role)),
  )
}

function definition(call: Call) {
  const role = ROLES.find(([, guid]) => guid === call.parts[1])
  return role === undefined ? { status: 404, body: {} } : { status: 200, body: roleOf(call, role) }
}

function assignments(call: Call) {
  const all = [...call.state.things.values()].filter(
    ({ type }) => type === 'Microsoft.Authorization/roleAssignments',
  )
  return page(call, all)
}

function assign(call: Call) {
  const [scope = '', name = ''] = call.parts
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`
  const properties = { ...(call.json?.['properties'] as object), scope }
  const before = find(call.state, id)
  const body = put(call.state, {
    id,
    name,
    type: 'Microsoft.Authorization/roleAssignments',
    properties,
  })
  return { status: before === undefined ? 201 : 200, body }
}

function unassign(call: Call) {
  const [scope = '', name = ''] = call.parts
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`
  const gone = call.state.things.delete(id.toLowerCase())
  return { status: gone ? 200 : 204, body: {} }
}
