import type { EntraEmulator } from '../../emulator/entra/server.ts'
import type { PostgresServer } from './postgres-server.ts'

export const AUDIENCE = 'api://chaperone-test'
export const CLI_CLIENT = '5f1d9e0a-5d2c-4c57-9a53-3d7c5a1b0c11'

export interface ConfigParts {
  readonly server: PostgresServer
  /** Where the gateway believes the target to be. */
  readonly address: { readonly host: string; readonly port: number }
  readonly entra: EntraEmulator
  readonly dba: string
  /** More YAML in the identity provider, as `key: value`. */
  readonly provider?: string | undefined
  /** More YAML of the PostgreSQL door, as `key: value`. */
  readonly door?: string | undefined
  /** More YAML of records, as `key: value`. */
  readonly records?: string | undefined
  /** More YAML in the resource. */
  readonly resource?: string | undefined
  /** More YAML at the top level. */
  readonly config?: string | undefined
}

/** The configuration of a test's gateway: everything on loopback and on free ports. */
export function configText({ server, address, entra, dba, ...more }: ConfigParts): string {
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
  - name: sales-db
    type: postgres
    address: ${address.host}:${address.port}
    database: ${server.database}
    tls: { mode: verify-full, ca: ${server.caFile} }
    credential: { username: ${server.user}, from: environment, variable: CHAPERONE_TEST_TARGET_PASSWORD }
${more.resource ?? ''}
records: { folder: records, freeBytesMin: 1MiB${records} }
${more.config ?? 'limits: { drainTimeout: 2s }'}
`
}
