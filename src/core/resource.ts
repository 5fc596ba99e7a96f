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

/** A target behind the gateway, as policy and records see it: no address, no credential. */
export interface Resource {
  readonly name: string
  readonly type: ResourceType
  readonly labels: Readonly<Record<string, string>>
}
