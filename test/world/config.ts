import type { EntraEmulator } from '../../emulator/entra/server.ts'

export const AUDIENCE = 'api://chaperone-test'
export const CLI_CLIENT = '5f1d9e0a-5d2c-4c57-9a53-3d7c5a1b0c11'

export interface ConfigParts {
  readonly entra: EntraEmulator
  readonly dba: string
  /** YAML of the resources, as list entries, and whatever stands behind them at the top level. */
  readonly resources: string
  /** More YAML in the identity provider, as `key: value`. */
  readonly provider?: string | undefined
  /** More YAML of the PostgreSQL door, as `key: value`. */
  readonly door?: string | undefined
  /** More YAML of records, as `key: value`. */
  readonly records?: string | undefined
  /** More YAML at the top level. */
  readonly config?: string | undefined
}

/** The configuration of a test's gateway: everything on loopback and on free ports. */
export function configText({ entra, dba, resources, ...more }: ConfigParts): string {
  const provider = more.provider === undefined ? '' : `, ${more.provider}`
  const door = more.door === undefined ? '' : `, ${more.door}`
  const records = more.records === undefined ? '' : `, ${more.records}`
  return `
listen:
  postgres: { address: '127.0.0.1:0', tls: { developmentAuthority: true }${door} }
  http: { address: '127.0.0.1:0' }
  api: { address: '127.0.0.1:0' }
identity:
  providers:
    - { type: entra, tenant: ${entra.tenant}, audience: '${AUDIENCE}', authority: '${entra.url}', graph: '${entra.graphUrl}'${provider} }
  humans:
    clientId: ${CLI_CLIENT}
    scope: ${AUDIENCE}/.default
    roles:
      admin: { roles: [Chaperone.Admin] }
      approver: { groups: [${dba}] }
      reviewer: {}
      auditor: { roles: [Chaperone.Auditor] }
agents: { files: [agents.yaml] }
resources:
${resources}
records: { folder: records, freeBytesMin: 1MiB${records} }
${more.config ?? 'limits: { drainTimeout: 2s }'}
`
}
