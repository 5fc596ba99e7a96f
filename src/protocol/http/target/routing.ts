import { isIP } from 'node:net'
import { ChaperoneError } from '../../../core/errors.ts'
import type { HttpEndpoint, HttpResource } from './endpoint.ts'

export interface Route {
  readonly endpoint: HttpEndpoint
  /** The path and query below the prefix; begins with a slash. */
  readonly target: string
  /** `` or `/name`, `/name/blob`. */
  readonly prefix: string
}

export type Router = (authority: string, target: string) => Route

/**
 * Chooses by host name first, then by path prefix. Names are compared as they are written: an
 * encoded prefix is none. Throws RESOURCE_UNKNOWN.
 */
export function createRouter(resources: readonly HttpResource[]): Router {
  const byHost = new Map<string, HttpEndpoint>()
  const byLabel = new Map<string, HttpEndpoint>()
  const byPrefix = new Map<string, HttpEndpoint>()
  for (const { resource, endpoints } of resources) {
    for (const endpoint of endpoints) {
      const { label, hosts } = endpoint
      for (const host of hosts ?? []) byHost.set(host, endpoint)
      if (hosts === undefined) byLabel.set(dotted(resource.name, label), endpoint)
      const folder = `/${resource.name}`
      byPrefix.set(label === undefined ? folder : `${folder}/${label}`, endpoint)
    }
  }
  return (authority, target) => {
    const host = hostOf(authority)
    const endpoint = byHost.get(host) ?? labelled(byLabel, host)
    if (endpoint !== undefined) return { endpoint, target, prefix: '' }
    for (const prefix of prefixesOf(target)) {
      const found = byPrefix.get(prefix)
      if (found !== undefined) return below(found, prefix, target)
    }
    throw unknown()
  }
}

/** A path's first segment and its first two: `/files`, `/files/blob`. */
function prefixesOf(target: string): readonly string[] {
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)
  const first = path.indexOf('/', 1)
  if (first < 0) return [path]
  const second = path.indexOf('/', first + 1)
  return [path.slice(0, first), second < 0 ? path : path.slice(0, second)]
}

function dotted(name: string, label: string | undefined): string {
  return label === undefined ? name : `${name}.${label}`
}

function hostOf(authority: string): string {
  return authority.startsWith('[') ? authority : authority.replace(/:\d+$/, '')
}

function labelled(
  byLabel: ReadonlyMap<string, HttpEndpoint>,
  host: string,
): HttpEndpoint | undefined {
  const [first = '', second] = host.split('.', 2)
  const found = byLabel.get(`${first}.${second}`) ?? byLabel.get(first)
  // The numbers of an address are no labels.
  return found === undefined || isIP(host) !== 0 ? undefined : found
}

function below(endpoint: HttpEndpoint, prefix: string, target: string): Route {
  const rest = target.slice(prefix.length)
  return { endpoint, prefix, target: rest.startsWith('/') ? rest : `/${rest}` }
}

function unknown(): ChaperoneError {
  return new ChaperoneError('RESOURCE_UNKNOWN', 'Neither host nor path names a resource.', {
    hint: 'Use https://RESOURCE.GATEWAY/ or https://GATEWAY/RESOURCE/ as the address.',
  })
}
