import type { Config, ResourceConfig, ResourceConfigOf } from '../config/schema.ts'
import type { SteadyClock } from '../core/clock.ts'
import type { MaskKeys } from '../mask/maskers.ts'
import { armApi } from '../protocol/azure/arm/api.ts'
import { graphApi } from '../protocol/azure/graph/api.ts'
import { vaultApi } from '../protocol/azure/keyvault/api.ts'
import type { LinkStore } from '../protocol/azure/shared/links.ts'
import { storageApi } from '../protocol/azure/storage/exchange/api.ts'
import type { HttpApi, TargetAuthority } from '../protocol/http/api.ts'
import type { Deadlines } from '../protocol/http/deadlines.ts'
import type { HttpEndpoint, HttpResource } from '../protocol/http/target/endpoint.ts'
import { createTargetPool } from '../protocol/http/target/pool.ts'
import { kubernetesApi } from '../protocol/kubernetes/exchange/api.ts'
import { bearerAuthority } from '../upstream/bearer-authority.ts'
import { openCredentialSource } from '../upstream/credentials.ts'
import { sharedKeyAuthority, storageTokenAuthority } from '../upstream/storage-authority.ts'
import type { TargetTls } from '../upstream/tls-modes.ts'

export type HttpResourceConfig = Exclude<ResourceConfig, { readonly type: 'postgres' }>

export interface HttpResourceParts {
  readonly config: Config
  readonly clock: SteadyClock
  readonly deadlines: Deadlines
  readonly keys: MaskKeys
  readonly links: LinkStore
  /** Where agents get tokens: the API of this gateway. */
  readonly baseUrl: string
}

/** Opens one resource: what reads its requests, and the way to its target. */
export function openHttpResource(
  settings: HttpResourceConfig,
  parts: HttpResourceParts,
): HttpResource | undefined {
  const { name, type, labels, session } = settings
  const common = {
    resource: { name, type, labels },
    life: { max_ms: session.max, idle_ms: session.idle, bindToToken: session.bindToToken },
  }
  const endpoints = endpointsOf(settings, parts).map((one) => ({ ...common, ...one }))
  return endpoints.length === 0 ? undefined : { ...common, endpoints }
}

type OwnParts = Omit<HttpEndpoint, 'resource' | 'life'>

function endpointsOf(settings: HttpResourceConfig, parts: HttpResourceParts): OwnParts[] {
  switch (settings.type) {
    case 'kubernetes':
      return [kubernetesEndpoint(settings, parts)]
    case 'azure-storage':
      return (['blob', 'queue', 'table'] as const).map((service) =>
        storageEndpoint(settings, service, parts),
      )
    case 'azure-arm':
    case 'microsoft-graph':
    case 'azure-keyvault':
      return [plainEndpoint(settings, azureApi(settings, parts), parts)]
  }
}

/** One address, and a bearer token. */
function plainEndpoint(
  settings: Exclude<HttpResourceConfig, ResourceConfigOf<'azure-storage' | 'kubernetes'>>,
  api: HttpEndpoint['api'],
  parts: HttpResourceParts,
): OwnParts {
  const { address, hosts, tls, credential } = settings
  const source = openCredentialSource(credential, { clock: parts.clock })
  return {
    api,
    ...(hosts === undefined ? {} : { hosts }),
    targetHost: hostOf(address),
    authority: bearerAuthority(source, parts.clock),
    pool: poolTo(address, tls, parts),
  }
}

function kubernetesEndpoint(
  settings: ResourceConfigOf<'kubernetes'>,
  parts: HttpResourceParts,
): OwnParts {
  const { address, hosts, tls, credential, impersonate } = settings
  const impersonation = impersonate === undefined ? {} : { impersonation: impersonate }
  const byCertificate = credential.from === 'client-certificate'
  return {
    api: kubernetesApi({ keys: parts.keys, ...impersonation }) as HttpApi<never>,
    ...(hosts === undefined ? {} : { hosts }),
    targetHost: hostOf(address),
    authority: byCertificate
      ? { headers: () => [] }
      : bearerAuthority(openCredentialSource(credential, { clock: parts.clock }), parts.clock),
    pool: poolTo(address, byCertificate ? { ...tls, client: credential } : tls, parts),
  }
}

function azureApi(
  settings: ResourceConfigOf<'azure-arm' | 'microsoft-graph' | 'azure-keyvault'>,
  { baseUrl, keys, links, config }: HttpResourceParts,
): HttpApi<never> {
  const authority = `${baseUrl}/${tenantOf(config)}`
  const host = hostOf(settings.address)
  if (settings.type === 'azure-keyvault') {
    return vaultApi({
      vault: settings.vault,
      target: host,
      challenge: { authority, resource: `${baseUrl}/azure-keyvault` },
      maskKeys: keys,
    }) as HttpApi<never>
  }
  const scheme = settings.tls.mode === 'disable' ? 'http' : 'https'
  const options = { target: `${scheme}://${host}`, authority, links, keys, sleep }
  if (settings.type === 'microsoft-graph') return graphApi(options) as HttpApi<never>
  const subscriptions = settings.subscriptions?.map((id) => id.toLowerCase())
  return armApi({
    ...options,
    ...(subscriptions === undefined ? {} : { subscriptions }),
  }) as HttpApi<never>
}

function storageEndpoint(
  settings: ResourceConfigOf<'azure-storage'>,
  service: 'blob' | 'queue' | 'table',
  parts: HttpResourceParts,
): OwnParts {
  const { account, tls } = settings
  const { address, hosts } = settings.services[service]
  const authority = `${parts.baseUrl}/${tenantOf(parts.config)}`
  return {
    label: service,
    ...(hosts === undefined ? {} : { hosts }),
    api: storageApi({
      account,
      service,
      target: { authority: hostOf(address), prefix: address.prefix },
      challenge: { authority, resource: `${parts.baseUrl}/azure-storage` },
      maskKeys: parts.keys,
    }),
    targetHost: hostOf(address),
    authority: storageAuthority(settings, service, parts),
    pool: poolTo(address, tls, parts),
  }
}

function storageAuthority(
  { account, credential }: ResourceConfigOf<'azure-storage'>,
  service: 'blob' | 'queue' | 'table',
  { clock }: HttpResourceParts,
): TargetAuthority {
  const source = openCredentialSource(credential, { clock })
  if ('kind' in credential) return sharedKeyAuthority(account, service, source, clock)
  return storageTokenAuthority(source, clock)
}

function poolTo(
  address: { readonly host: string; readonly port: number },
  tls: TargetTls,
  { config, deadlines }: HttpResourceParts,
): HttpEndpoint['pool'] {
  const { host, port } = address
  const connectTimeout_ms = config.limits.targetConnectTimeout
  return createTargetPool({ address: { host, port }, tls, deadlines, connectTimeout_ms })
}

const HTTPS_PORT = 443

/** As a client of the target would write it in `host`. */
function hostOf({ host, port }: { readonly host: string; readonly port: number }): string {
  const written = host.includes(':') ? `[${host}]` : host
  return port === HTTPS_PORT ? written : `${written}:${port}`
}

/** The first tenant of Entra, whose agents these resources are for; AD FS's paths name none. */
function tenantOf({ identity }: Config): string {
  const entra = identity.providers.find(({ type }) => type === 'entra')
  return entra?.type === 'entra' ? entra.tenant : 'adfs'
}

function sleep(time_ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time_ms))
}
