import type { ResourceType } from '../../core/resource.ts'

/** What Azure's tools ask tokens for, and what behind the gateway answers to it. */
const TYPES = {
  'azure-arm': ['azure-arm'],
  'azure-storage': ['azure-storage'],
  'azure-keyvault': ['azure-keyvault'],
  'microsoft-graph': ['microsoft-graph'],
  kubernetes: ['kubernetes'],
  mssql: ['mssql'],
  'open-source-databases': ['postgres', 'mysql'],
} as const satisfies Record<string, readonly ResourceType[]>

export type Service = keyof typeof TYPES

export const SERVICES = Object.keys(TYPES) as readonly Service[]

export function typesOf(service: Service): readonly ResourceType[] {
  return TYPES[service]
}

export function serviceOfType(type: ResourceType): Service | undefined {
  return SERVICES.find((service) => typesOf(service).includes(type))
}

/** Names of Azure's services in tokens, in every cloud of Microsoft's; without a slash at the end. */
const AUDIENCES: readonly (readonly [audience: RegExp, service: Service])[] = [
  [
    /^https:\/\/management(\.core)?\.(azure\.com|windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)$/,
    'azure-arm',
  ],
  [/^https:\/\/management\.(usgovcloudapi\.net|chinacloudapi\.cn)$/, 'azure-arm'],
  [/^https:\/\/(dod-)?graph\.microsoft\.(com|us)$/, 'microsoft-graph'],
  [/^https:\/\/microsoftgraph\.chinacloudapi\.cn$/, 'microsoft-graph'],
  [/^https:\/\/graph\.windows\.net$/, 'microsoft-graph'],
  [/^00000003-0000-0000-c000-000000000000$/, 'microsoft-graph'],
  [/^https:\/\/storage\.azure\.com$/, 'azure-storage'],
  [/^https:\/\/[a-z0-9]{3,24}\.(blob|queue|table|dfs|file)\.core\.windows\.net$/, 'azure-storage'],
  [/^https:\/\/(vault|managedhsm)\.(azure\.net|usgovcloudapi\.net|azure\.cn)$/, 'azure-keyvault'],
  // A vault behind the gateway is called NAME.vault.…, and clients ask for what follows NAME.
  [/^https:\/\/vault\.[a-z0-9][a-z0-9.-]*(:\d+)?$/, 'azure-keyvault'],
  [/^6dae42f8-4368-4678-94ff-3960e28e3630$/, 'kubernetes'],
  [/^https:\/\/database\.(windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)$/, 'mssql'],
  [
    /^https:\/\/ossrdbms-aad\.database\.(windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)$/,
    'open-source-databases',
  ],
]

/**
 * The service that a scope (`https://storage.azure.com/.default`) or a resource is of. A resource of
 * this gateway's own is written `BASE/SERVICE`, where `base` is the address of its API. `undefined`
 * where it is none that is known. Strangers ask, so that no run of slashes is tried from each of them.
 */
export function serviceOf(scopeOrResource: string, base: string): Service | undefined {
  const resource = scopeOrResource.replace(/\/\.default$/, '').replace(/(?<!\/)\/+$/, '')
  const own = SERVICES.find((service) => resource === `${base}/${service}`)
  return own ?? AUDIENCES.find(([audience]) => audience.test(resource.toLowerCase()))?.[1]
}
