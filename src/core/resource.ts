export const RESOURCE_TYPES = [
  'postgres',
  'mysql',
  'mssql',
  'kubernetes',
  'azure-arm',
  'azure-storage',
  'azure-keyvault',
  'microsoft-graph',
] as const

export type ResourceType = (typeof RESOURCE_TYPES)[number]

/** Their targets take `Public` and `public` for the same object. */
const CASELESS: ReadonlySet<ResourceType> = new Set([
  'azure-arm',
  'azure-keyvault',
  'microsoft-graph',
])

export function ignoresCase({ type }: Pick<Resource, 'type'>): boolean {
  return CASELESS.has(type)
}

/** A target behind the gateway, as policy and records see it: no address, no credential. */
export interface Resource {
  readonly name: string
  readonly type: ResourceType
  readonly labels: Readonly<Record<string, string>>
}
