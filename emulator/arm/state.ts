import type { Reply, Request } from '../entra/http.ts'

/** A resource, a resource group or a deployment: whatever has an id. */
export interface Thing {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly [field: string]: unknown
}

/** What goes on after its request was answered with 202. */
export interface Running {
  /** Questions that are still answered with "not yet". */
  left: number
  finish(): Reply
}

export interface ArmState {
  /** Where the emulator answers; known once it listens. */
  url: string
  readonly tenant: string
  readonly subscription: string
  readonly pageSize: number
  /** By id in small letters, in the order in which they came. */
  readonly things: Map<string, Thing>
  readonly running: Map<string, Running>
  readonly directory: Directory
  /** Ids of operations and of what the service names itself. */
  newId(): string
}

/** What Graph tells of a tenant. */
export interface Directory {
  readonly servicePrincipals: Entry[]
  readonly applications: Entry[]
  readonly users: Entry[]
  readonly groups: Entry[]
}

export interface Entry {
  readonly id: string
  readonly displayName: string
  readonly [field: string]: unknown
}

/** A request with its path in pieces. */
export interface Call extends Request {
  readonly state: ArmState
  /** What the route's expression caught. */
  readonly parts: readonly string[]
  /** The body as JSON; `undefined` where there is none. */
  readonly json: Record<string, unknown> | undefined
}

export interface Route {
  readonly method: string
  readonly path: RegExp
  readonly answer: (call: Call) => Reply
}

export function put(state: ArmState, thing: Thing): Thing {
  state.things.set(thing.id.toLowerCase(), thing)
  return thing
}

export function find(state: ArmState, id: string): Thing | undefined {
  return state.things.get(id.toLowerCase())
}

export function armError(status: number, code: string, message: string): Reply {
  return { status, body: { error: { code, message } } }
}

export function notFound(id: string): Reply {
  return armError(404, 'ResourceNotFound', `The Resource '${id}' was not found.`)
}

/** One page of a list, with the link to the next one as Resource Manager writes it. */
export function page(call: Call, all: readonly unknown[]): Reply {
  const { state, path, query } = call
  const start = Number(Buffer.from(query.get('$skiptoken') ?? '', 'base64url').toString() || 0)
  const value = all.slice(start, start + state.pageSize)
  const next = start + state.pageSize
  if (next >= all.length) return { status: 200, body: { value } }
  const token = Buffer.from(String(next)).toString('base64url')
  const rest = new URLSearchParams(query)
  rest.set('$skiptoken', token)
  return { status: 200, body: { value, nextLink: `${state.url}${path}?${rest.toString()}` } }
}

/** Answers 202 with a place to ask, which says "not yet" once and then what `finish` says. */
export function accept(
  call: Call,
  headerName: string,
  finish: () => Reply,
  body: object = {},
): Reply {
  const { state } = call
  const id = state.newId()
  state.running.set(id, { left: 1, finish })
  const version = call.query.get('api-version') ?? ''
  const kind = headerName === 'location' ? 'operationresults' : 'operationStatuses'
  const link = `${state.url}/subscriptions/${state.subscription}/providers/Microsoft.Resources/locations/westeurope/${kind}/${id}?api-version=${version}&t=${id.slice(0, 8)}`
  return { status: 202, body, headers: { [headerName]: link, 'retry-after': '1' } }
}
