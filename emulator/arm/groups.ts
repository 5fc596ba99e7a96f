import type { Call, Route, Thing } from './state.ts'
import { accept, armError, find, notFound, page, put } from './state.ts'

const S = '/subscriptions/([^/]+)'
const G = `${S}/resourcegroups/([^/]+)`

/** Subscriptions, resource groups, and how operations go that were begun. */
export const GROUP_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: route('/subscriptions'),
    answer: (call) => page(call, [subscription(call)]),
  },
  { method: 'GET', path: route(S), answer: (call) => ({ status: 200, body: subscription(call) }) },
  { method: 'GET', path: route('/tenants'), answer: tenants },
  { method: 'GET', path: route(`${S}/locations`), answer: locations },
  {
    method: 'GET',
    path: route(`${S}/providers`),
    answer: (call) => page(call, PROVIDERS.map(provider)),
  },
  {
    method: 'GET',
    path: route(`${S}/providers/([^/]+)`),
    answer: (call) => ({ status: 200, body: provider(call.parts[1]!) }),
  },
  {
    method: 'POST',
    path: route(`${S}/providers/([^/]+)/register`),
    answer: (call) => ({ status: 200, body: provider(call.parts[1]!) }),
  },
  { method: 'GET', path: route(`${S}/resourcegroups`), answer: (call) => page(call, groups(call)) },
  { method: 'GET', path: route(G), answer: readGroup },
  { method: 'HEAD', path: route(G), answer: headGroup },
  { method: 'PUT', path: route(G), answer: writeGroup },
  { method: 'PATCH', path: route(G), answer: writeGroup },
  { method: 'DELETE', path: route(G), answer: deleteGroup },
  { method: 'GET', path: route('.*/operationresults/([^/]+)'), answer: poll },
  { method: 'GET', path: route('.*/operationStatuses/([^/]+)'), answer: poll },
]

export function route(path: string): RegExp {
  return new RegExp(`^${path}/?$`, 'i')
}

const PROVIDERS = [
  'Microsoft.Compute',
  'Microsoft.Storage',
  'Microsoft.Resources',
  'Microsoft.Network',
]

const TYPES: Readonly<Record<string, readonly string[]>> = {
  'microsoft.compute': ['virtualMachines', 'disks'],
  'microsoft.storage': ['storageAccounts'],
  'microsoft.network': ['virtualNetworks'],
}

function provider(namespace: string): object {
  const types = TYPES[namespace.toLowerCase()] ?? []
  return {
    id: `/subscriptions/x/providers/${namespace}`,
    namespace,
    registrationState: 'Registered',
    resourceTypes: types.map((resourceType) => ({
      resourceType,
      apiVersions: ['2023-03-01', '2022-09-01'],
      locations: ['West Europe'],
    })),
  }
}

function subscription({ state }: Call): object {
  return {
    id: `/subscriptions/${state.subscription}`,
    subscriptionId: state.subscription,
    tenantId: state.tenant,
    displayName: 'Emulated',
    state: 'Enabled',
    authorizationSource: 'RoleBased',
    managedByTenants: [],
  }
}

function tenants(call: Call) {
  const { tenant } = call.state
  return page(call, [{ id: `/tenants/${tenant}`, tenantId: tenant, displayName: 'Emulated' }])
}

function locations(call: Call) {
  const id = `/subscriptions/${call.state.subscription}/locations/westeurope`
  return page(call, [{ id, name: 'westeurope', displayName: 'West Europe' }])
}

const GROUP_TYPE = 'Microsoft.Resources/resourceGroups'

function groups({ state }: Call): readonly Thing[] {
  return [...state.things.values()].filter(({ type }) => type === GROUP_TYPE)
}

function groupId({ state, parts }: Call): string {
  return `/subscriptions/${state.subscription}/resourceGroups/${parts[1]}`
}

function readGroup(call: Call) {
  const found = find(call.state, groupId(call))
  if (found !== undefined) return { status: 200, body: found }
  return armError(
    404,
    'ResourceGroupNotFound',
    `Resource group '${call.parts[1]}' could not be found.`,
  )
}

function headGroup(call: Call) {
  return { status: find(call.state, groupId(call)) === undefined ? 404 : 204, body: {} }
}

function writeGroup(call: Call) {
  const id = groupId(call)
  const before = find(call.state, id)
  const { location = 'westeurope', tags = {} } = call.json ?? {}
  const group = { name: call.parts[1]!, type: GROUP_TYPE, location, tags }
  const made = put(call.state, {
    ...before,
    ...group,
    id,
    properties: { provisioningState: 'Succeeded' },
  })
  return { status: before === undefined ? 201 : 200, body: made }
}

function deleteGroup(call: Call) {
  const id = groupId(call)
  if (find(call.state, id) === undefined) return notFound(id)
  return accept(call, 'location', () => {
    const inside = `${id.toLowerCase()}/`
    for (const key of call.state.things.keys()) {
      if (key === id.toLowerCase() || key.startsWith(inside)) call.state.things.delete(key)
    }
    return { status: 200, body: {} }
  })
}

function poll(call: Call) {
  const id = call.parts[0]!
  const running = call.state.running.get(id)
  if (running === undefined) return notFound(id)
  if (running.left > 0) {
    running.left--
    const isStatus = /operationStatuses/i.test(call.path)
    const link = `${call.state.url}${call.path}?${call.query.toString()}`
    return {
      status: isStatus ? 200 : 202,
      body: { status: 'Running' },
      headers: { 'retry-after': '1', ...(isStatus ? {} : { location: link }) },
    }
  }
  return running.finish()
}
