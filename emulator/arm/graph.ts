import type { Reply } from '../entra/http.ts'
import type { Call, Directory, Entry, Route } from './state.ts'
import { armError } from './state.ts'

const COLLECTIONS = ['servicePrincipals', 'applications', 'users', 'groups'] as const
type Collection = (typeof COLLECTIONS)[number]

const ONE = `(${COLLECTIONS.join('|')})/([^/]+)`

/** Microsoft Graph: lists with simple filters, single objects, and batches of them. */
export const GRAPH_ROUTES: readonly Route[] = [
  { method: 'GET', path: graph(`(${COLLECTIONS.join('|')})`), answer: list },
  { method: 'POST', path: graph(`(${COLLECTIONS.join('|')})`), answer: create },
  { method: 'GET', path: graph(ONE), answer: (call) => one(call, (entry) => ok(entry)) },
  {
    method: 'PATCH',
    path: graph(ONE),
    answer: (call) => one(call, () => ({ status: 204, body: {} })),
  },
  { method: 'DELETE', path: graph(ONE), answer: remove },
  { method: 'POST', path: graph('applications/([^/]+)/addPassword'), answer: addPassword },
  { method: 'POST', path: graph('directoryObjects/getByIds'), answer: byIds },
  { method: 'GET', path: graph('organization'), answer: organization },
]

function graph(path: string): RegExp {
  return new RegExp(`^/(?:v1\\.0|beta)/${path}/?$`, 'i')
}

function ok(entry: Entry): Reply {
  return { status: 200, body: entry }
}

function collection({ state, parts }: Call): Entry[] {
  const name = COLLECTIONS.find((one) => one.toLowerCase() === parts[0]?.toLowerCase())
  return state.directory[name as Collection]
}

/** `a eq 'x'`, `startswith(a,'x')`, `servicePrincipalNames/any(c:c eq 'x')`, joined by `or`. */
function filtered(entries: readonly Entry[], filter: string | null): readonly Entry[] {
  if (filter === null) return entries
  const values = [...filter.matchAll(/'([^']*)'/g)].map(([, value]) => value!)
  return entries.filter((entry) =>
    Object.values(entry).some((field) =>
      values.some((value) => JSON.stringify(field).includes(value)),
    ),
  )
}

function list(call: Call): Reply {
  const { state, path, query } = call
  const all = filtered(collection(call), query.get('$filter'))
  const start = Number(query.get('$skiptoken') ?? 0)
  const value = all.slice(start, start + state.pageSize)
  const context = `${state.url}/v1.0/$metadata#${call.parts[0]}`
  if (start + state.pageSize >= all.length)
    return { status: 200, body: { '@odata.context': context, value } }
  const rest = new URLSearchParams(query)
  rest.set('$skiptoken', String(start + state.pageSize))
  const next = `${state.url}${path}?${rest.toString()}`
  return { status: 200, body: { '@odata.context': context, '@odata.nextLink': next, value } }
}

function one(call: Call, then: (entry: Entry) => Reply): Reply {
  const found = collection(call).find(({ id }) => id === call.parts[1])
  return found === undefined ? armError(404, 'Request_ResourceNotFound', 'Not found.') : then(found)
}

function create(call: Call): Reply {
  const id = call.state.newId()
  const entry = { displayName: '', appId: call.state.newId(), ...call.json, id }
  collection(call).push(entry)
  return { status: 201, body: entry }
}

function remove(call: Call): Reply {
  const all = collection(call)
  const at = all.findIndex(({ id }) => id === call.parts[1])
  if (at < 0) return armError(404, 'Request_ResourceNotFound', 'Not found.')
  all.splice(at, 1)
  return { status: 204, body: {} }
}

function addPassword(call: Call): Reply {
  const secretText = `emulated-${call.state.newId()}`
  return {
    status: 200,
    body: { keyId: call.state.newId(), displayName: 'x', secretText, hint: 'emu' },
  }
}

function byIds(call: Call): Reply {
  const ids = (call.json?.['ids'] ?? []) as readonly string[]
  const types: Readonly<Record<keyof Directory, string>> = {
    servicePrincipals: 'servicePrincipal',
    applications: 'application',
    users: 'user',
    groups: 'group',
  }
  const value = COLLECTIONS.flatMap((name) =>
    call.state.directory[name]
      .filter(({ id }) => ids.includes(id))
      .map((entry) => ({ '@odata.type': `#microsoft.graph.${types[name]}`, ...entry })),
  )
  return { status: 200, body: { value } }
}

function organization({ state }: Call): Reply {
  return {
    status: 200,
    body: { value: [{ id: state.tenant, displayName: 'Emulated', verifiedDomains: [] }] },
  }
}
