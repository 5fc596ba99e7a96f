import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArmEmulator } from '../emulator/arm/server.ts'
import { startArmEmulator } from '../emulator/arm/server.ts'
import type { EntraEmulator } from '../emulator/entra/server.ts'
import { LOG, SEED } from '../emulator/kubernetes/seed.ts'
import { startKubernetesEmulator } from '../emulator/kubernetes/server.ts'
import { systemClock } from '../src/core/clock.ts'
import { silentLog } from '../src/core/log.ts'
import { openDevelopmentAuthority } from '../src/listen/development-authority.ts'
import { startDatabase } from './database.ts'

/** What the agent works on. The gateway's credentials for it are in the environment. */
export interface Targets {
  readonly databasePort: number
  readonly clusterPort: number
  readonly armPort: number
  readonly subscription: string
  /** Who signed the certificates of the cluster and of Resource Manager. */
  readonly authorityFile: string
  /** What reached them so far: `DELETE /api/…`, and as whom. */
  heard(): readonly Heard[]
  close(): Promise<void>
}

export interface Heard {
  readonly request: string
  /** Of the cluster's impersonation. */
  readonly user?: string | undefined
}

/** The environment variables that the gateway's configuration names. */
export const CREDENTIALS = {
  database: 'CHAPERONE_DEMO_DATABASE_PASSWORD',
  cluster: 'CHAPERONE_DEMO_CLUSTER_TOKEN',
  arm: 'CHAPERONE_DEMO_ARM_TOKEN',
} as const

const CLUSTER_TOKEN = 'the-token-that-only-the-gateway-has'
/** So that --stay can be played with for a day. */
const ARM_TOKEN_S = 86_400

export async function startTargets(folder: string, entra: EntraEmulator): Promise<Targets> {
  const database = await startDatabase()
  const own = await openDevelopmentAuthority({
    folder: join(folder, 'targets'),
    clock: systemClock,
    log: silentLog,
  })
  const tls = { cert: await readFile(own.certificateFile), key: await readFile(own.keyFile) }
  const cluster = await startKubernetesEmulator({ tls, token: CLUSTER_TOKEN })
  for (const [resource, object] of SEED) cluster.add(resource, object)
  for (const line of LOG) cluster.logs.write(line)
  const arm = await startArmEmulator({ entra, tls, pageSize: 2 })
  furnish(arm)
  const armToken = await entra.issueToken({
    kind: 'app',
    version: 1,
    audience: 'https://management.azure.com',
    appId: 'gateway',
    expiresIn_s: ARM_TOKEN_S,
  })
  process.env[CREDENTIALS.database] = 'embedded'
  process.env[CREDENTIALS.cluster] = CLUSTER_TOKEN
  process.env[CREDENTIALS.arm] = armToken
  return {
    databasePort: database.port,
    clusterPort: cluster.port,
    armPort: Number(new URL(arm.url).port),
    subscription: arm.subscription,
    authorityFile: own.authorityFile,
    heard: () => [
      ...cluster.audit.map(({ method, uri, user }) => ({ request: `${method} ${uri}`, user })),
      ...arm.requests.map(({ method, path }) => ({ request: `${method} ${path}` })),
    ],
    async close() {
      await Promise.all([database.close(), cluster.close(), arm.close()])
    },
  }
}

/** A small web shop's subscription, invented. */
function furnish(arm: ArmEmulator): void {
  for (const group of ['etl', 'web', 'network']) arm.addGroup(group)
  arm.addResource('etl', 'Microsoft.Storage/storageAccounts', 'etlstaging', { kind: 'StorageV2' })
}
