/** The files of the demo's gateway, as a platform engineer would write them. */

export interface ConfigWords {
  readonly tenant: string
  readonly authority: string
  readonly graph: string
  readonly audience: string
  readonly clientId: string
  readonly databasePort: number
  readonly passwordVariable: string
  readonly dba: string
}

export function configFile(words: ConfigWords): string {
  return `\
listen:
  postgres:
    address: 127.0.0.1:0
    tls: { developmentAuthority: true }
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
    address: 127.0.0.1:${words.databasePort}
    database: postgres
    labels: { env: demo }
    tls: { mode: disable }   # the embedded database is in this very process
    credential: { username: postgres, from: environment, variable: ${words.passwordVariable} }
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

export function POLICY(dba: string): string {
  return `\
name: etl-on-sales
description: the nightly ETL reads sales, and may delete orders with the DBA's consent
subjects: { agents: [etl-*] }
resources: { labels: { env: demo } }
rules:
  - id: read
    allow: { actions: [sql.select], objects: [postgres.public.*] }
    maxRows: 1000
    mask:
      - { columns: [postgres.public.customers.email], with: email }
      - { columns: [postgres.public.customers.card], with: { name: partial, keepEnd: 4 } }
      - { detect: [payment-card], with: redact }
  - id: fix-orders
    hold: { actions: [sql.update, sql.delete], objects: [postgres.public.orders] }
    when: op.hasWhere
    approvers: { groups: [${dba}] }
    expires: 5m
  - id: no-ddl
    deny: { actions: [sql.ddl.*, sql.truncate, sql.grant] }
    message: Schema changes go through the migrations pipeline.
`
}
