import { ChaperoneError } from '../../../core/errors.ts'

/** What a client said about where it wants to go. */
export interface RouteRequest {
  /** Server name of the TLS handshake. */
  readonly sni?: string
  readonly database?: string
  /** `chaperone.resource` of the start-up options. */
  readonly resource?: string
}

export interface Route {
  readonly resource: string
  /** Without the resource prefix; absent when the client named none. */
  readonly database?: string
}

const WAYS =
  'Name one resource: as the first label of the host name (resource.gateway.example), as a ' +
  'prefix of the database name (resource/database), or with options=-c chaperone.resource=resource.'

/**
 * Finds the resource that is meant. What names a resource counts, in any of the three ways; ways that
 * disagree are refused. A host name whose first label is no resource names none (the gateway is
 * called something, after all). When nothing names one and there is one resource only, it is that.
 * Throws RESOURCE_UNKNOWN, which tells the ways and never what exists.
 */
export function routeToResource(request: RouteRequest, resources: ReadonlySet<string>): Route {
  const bySni = request.sni?.split('.')[0]?.toLowerCase()
  const named = new Set<string>()
  if (bySni !== undefined && resources.has(bySni)) named.add(bySni)
  if (request.resource !== undefined) named.add(request.resource)

  const prefix = splitDatabase(request.database)
  const prefixed = prefix !== undefined && (resources.has(prefix.resource) || named.size === 0)
  if (prefixed) named.add(prefix.resource)
  const database = prefixed ? prefix.database : request.database

  if (named.size === 0 && resources.size === 1) named.add([...resources][0]!)
  const [resource, other] = named
  if (resource === undefined) throw unknown('The connection names no resource.')
  if (other !== undefined) throw unknown('The connection names two different resources.')
  if (!resources.has(resource)) throw unknown('The connection names a resource that is not known.')
  return database === undefined || database === '' ? { resource } : { resource, database }
}

function splitDatabase(text: string | undefined) {
  const slash = text?.indexOf('/') ?? -1
  if (text === undefined || slash < 0) return undefined
  return { resource: text.slice(0, slash), database: text.slice(slash + 1) }
}

function unknown(what: string): ChaperoneError {
  return new ChaperoneError('RESOURCE_UNKNOWN', what, { hint: WAYS })
}
