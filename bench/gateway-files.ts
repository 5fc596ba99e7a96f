import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PostgresServer } from '../test/support/postgres-server.ts'

export const AUDIENCE = 'api://chaperone-bench'
export const PASSWORD_VARIABLE = 'CHAPERONE_BENCH_TARGET_PASSWORD'

export interface GatewayFiles {
  readonly folder: string
  readonly server: PostgresServer
  readonly entra: { readonly url: string; readonly graphUrl: string; readonly tenant: string }
  readonly agents: number
  readonly policies: number
  /** The agents that the bench speaks as; the first of all. */
  readonly speaking: readonly { readonly objectId: string; readonly clientId: string }[]
}

/** Writes configuration, agents and policies, and gives the path of the configuration. */
export async function writeGatewayFiles(files: GatewayFiles): Promise<string> {
  const { folder, policies } = files
  await mkdir(join(folder, 'policies'), { recursive: true })
  await writeFile(join(folder, 'policies', 'bench.yaml'), BENCH_POLICY)
  for (let number = 1; number < policies; number++) {
    await writeFile(join(folder, 'policies', `other-${number}.yaml`), otherPolicy(number))
  }
  await writeFile(join(folder, 'agents.yaml'), agentsText(files))
  const path = join(folder, 'chaperone.yaml')
  await writeFile(path, configText(files))
  return path
}

/** What the bench's statements need, with a column mask and a search in the text of all of them. */
const BENCH_POLICY = `
name: bench
subjects: { agents: [etl-*] }
rules:
  - id: read
    allow: { actions: [sql.select, sql.show], objects: [sales.public.*] }
    mask:
      - { columns: [sales.public.masked_rows.email], with: email }
  - id: no-sleep
    deny: { text: ['(?i)\\bpg_sleep\\b'] }
`

/** Applies to the same agent, so that its rules count for every decision. */
function otherPolicy(number: number): string {
  return `
name: other-${number}
subjects: { agents: [etl-*] }
resources: { types: [postgres] }
rules:
  - id: read
    allow: { actions: [sql.select], objects: [sales.team_${number}.*] }
    mask:
      - { columns: [sales.team_${number}.people.email], with: email }
  - id: fix
    hold: { actions: [sql.update, sql.delete], objects: [sales.team_${number}.orders] }
    when: op.hasWhere
    approvers: { groups: [dba-${number}] }
  - id: no-ddl
    deny: { actions: [sql.ddl.*], objects: [sales.team_${number}.*] }
`
}

function agentsText({ entra, speaking, agents }: GatewayFiles): string {
  const line = (name: string, objectId: string, appId: string) =>
    `- { name: ${name}, tenant: ${entra.tenant}, objectId: ${objectId}, appId: ${appId}, owner: owner@example.com, purpose: bench }\n`
  const others = Array.from({ length: agents - speaking.length }, (_, index) =>
    line(`other-${index + 1}`, guid(2 * index + 1), guid(2 * index + 2)),
  )
  const first = speaking.map((agent, index) =>
    line(`etl-${index + 1}`, agent.objectId, agent.clientId),
  )
  return [...first, ...others].join('')
}

function guid(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
}

/** Two resources for one server: all legs plain, and TLS on both legs. */
function configText({ server, entra }: GatewayFiles): string {
  const resource = (name: string, tls: string) => `
  - name: ${name}
    type: postgres
    address: ${server.host}:${server.port}
    database: ${server.database}
    tls: ${tls}
    credential: { username: ${server.user}, from: environment, variable: ${PASSWORD_VARIABLE} }`
  return `
listen:
  postgres: { address: '127.0.0.1:0', tls: { developmentAuthority: true }, plaintext: loopback }
  api: { address: '127.0.0.1:0' }
identity:
  providers:
    - { type: entra, tenant: ${entra.tenant}, audience: '${AUDIENCE}', authority: '${entra.url}', graph: '${entra.graphUrl}' }
agents: { files: [agents.yaml] }
resources:${resource('plain', '{ mode: disable }')}${resource('secure', `{ mode: verify-full, ca: ${server.caFile} }`)}
records: { folder: records, freeBytesMin: 1MiB }
limits:
  connectionsMax: 5000
  connectionsPerAddressMax: 5000
  sessionsPerAgentMax: 5000
  recordBurstPerAgent: 1024GiB
  drainTimeout: 1s
log: { level: error }
`
}
