import type { Targets } from './targets.ts'
import { CREDENTIALS } from './targets.ts'

/** The files of the demo's gateway, as a platform engineer would write them. */

export interface ConfigWords {
  readonly tenant: string
  readonly authority: string
  readonly graph: string
  readonly audience: string
  readonly clientId: string
  readonly targets: Targets
  readonly dba: string
}

export function configFile(words: ConfigWords): string {
  const { targets } = words
  return `\
listen:
  postgres:
    address: 127.0.0.1:0
    tls: { developmentAuthority: true }
  http: { address: 127.0.0.1:0 }
  api: { address: 127.0.0.1:0 }
identity:
  providers:
    - type: entra
      tenant: ${words.tenant}
      audience: ${words.audience}
      authority: ${words.authority}
      graph: ${words.graph}
  humans:
    clientId: ${words.clientId}
    scope: ${words.audience}/.default
    roles:
      admin: { roles: [Chaperone.Admin] }
      approver: { groups: [${words.dba}] }
      reviewer: {}
      auditor: {}
agents: { files: [agents.yaml] }
resources:
  - name: sales-db
    type: postgres
    address: 127.0.0.1:${targets.databasePort}
    database: postgres
    labels: { env: demo }
    tls: { mode: disable }   # the embedded database is in this very process
    credential: { username: postgres, from: environment, variable: ${CREDENTIALS.database} }
  - name: cluster
    type: kubernetes
    address: 127.0.0.1:${targets.clusterPort}
    tls: { ca: ${targets.authorityFile} }
    credential: { from: environment, variable: ${CREDENTIALS.cluster} }
    impersonate: { groups: [agents] }
  - name: arm
    type: azure-arm
    address: 127.0.0.1:${targets.armPort}
    tls: { ca: ${targets.authorityFile} }
    credential: { from: environment, variable: ${CREDENTIALS.arm} }
    subscriptions: [${targets.subscription}]
policies: { folder: policies }
records: { folder: records, freeBytesMin: 1MiB }
limits: { drainTimeout: 2s }
`
}

export function agentsFile(
  tenant: string,
  app: { readonly objectId: string; readonly clientId: string },
  owner: string,
): string {
  return `\
- name: etl-nightly
  tenant: ${tenant}
  objectId: ${app.objectId}
  appId: ${app.clientId}
  owner: ${owner}
  purpose: Copies yesterday's sales into the warehouse.
`
}
