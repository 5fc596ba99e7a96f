import { randomUUID } from 'node:crypto'
import type { JWK } from 'jose'

/** A service principal, with its secret and its memberships. */
export interface App {
  readonly clientId: string
  readonly objectId: string
  readonly name: string
  readonly secret?: string
  /** Verifies its `client_assertion`. */
  readonly assertionKey?: JWK
  readonly groups: readonly string[]
  readonly roles: readonly string[]
  /** Set for an agent identity: its blueprint's app id. */
  readonly agentOf?: string
}

export interface User {
  readonly objectId: string
  readonly name: string
  readonly userName: string
  readonly groups: readonly string[]
  readonly roles: readonly string[]
}

export interface Group {
  readonly id: string
  readonly name: string
}

/** An API that tokens are for: v2 tokens name it by client id, v1 tokens by URI. */
export interface Api {
  readonly uri: string
  readonly clientId: string
  readonly version: 1 | 2
}

export interface Directory {
  readonly apps: Map<string, App>
  readonly users: Map<string, User>
  readonly groups: Map<string, Group>
  readonly apis: Map<string, Api>
}

export type Fresh<T> = Partial<T> & { readonly name: string }

export function createDirectory(): Directory {
  return { apps: new Map(), users: new Map(), groups: new Map(), apis: new Map() }
}

export function newApp(app: Fresh<App>): App {
  return { clientId: randomUUID(), objectId: randomUUID(), groups: [], roles: [], ...app }
}

export function newUser(user: Fresh<User>): User {
  return {
    objectId: randomUUID(),
    userName: `${user.name}@emulator.example`,
    groups: [],
    roles: [],
    ...user,
  }
}

/** The API whose URI or client id a scope (`<api>/.default`, `<api>/<permission>`) begins with. */
export function apiOfScope(directory: Directory, scope: string): Api | undefined {
  const base = scope.slice(0, scope.lastIndexOf('/'))
  return apiOfResource(directory, base === '' ? scope : base)
}

/** An API that nobody added is one of version 1, as Azure's own are. */
export function apiOfResource(directory: Directory, resource: string): Api | undefined {
  if (resource === '') return undefined
  const known = [...directory.apis.values()].find((api) => {
    return api.uri === resource || api.clientId === resource || `${api.uri}/` === resource
  })
  return known ?? { uri: resource, clientId: resource, version: 1 }
}

export function audienceOf(api: Api): string {
  return api.version === 2 ? api.clientId : api.uri
}
