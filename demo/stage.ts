import { appendFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEntraEmulator } from '../emulator/entra/server.ts'
import { loadConfig } from '../src/config/load.ts'
import { systemClock } from '../src/core/clock.ts'
import { startGateway } from '../src/main/gateway.ts'
import { createLog } from '../src/telemetry/log.ts'
import { agentsFile, configFile } from './files.ts'
import { policies } from './policies.ts'
import type { Heard } from './targets.ts'
import { startTargets } from './targets.ts'

/** Everything that the story is played on, all of it on this machine. */
export interface Stage {
  readonly folder: string
  readonly postgresPort: number
  readonly apiUrl: string
  /** Where HTTP clients come in: `https://127.0.0.1:PORT`. */
  readonly doorUrl: string
  readonly authorityFile: string
  readonly tenant: string
  /** The agent, as Entra knows it. */
  readonly agentAppId: string
  readonly agentObjectId: string
  /** The one that Resource Manager knows. */
  readonly subscription: string
  /** What reached the cluster and Azure so far. */
  heard(): readonly Heard[]
  /** Device codes are approved here. */
  readonly entraUrl: string
  /** Entra access tokens, as the actors would get them. */
  agentToken(): Promise<string>
  personToken(who: 'dana' | 'root'): Promise<string>
  close(): Promise<void>
}

const AUDIENCE = 'api://chaperone'
const CLIENT_ID = '5f1d9e0a-5d2c-4c57-9a53-3d7c5a1b0c11'

export async function setStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'chaperone-demo-'))
  const entra = await startEntraEmulator()
  const dba = entra.addGroup('dba')
  const dana = entra.addUser({ name: 'Dana Dba', userName: 'dana@shop.example', groups: [dba.id] })
  const root = entra.addUser({
    name: 'Rowan Root',
    userName: 'rowan@shop.example',
    roles: ['Chaperone.Admin'],
  })
  const app = entra.addApp({ name: 'etl-nightly' })
  entra.addApi({ uri: AUDIENCE, clientId: AUDIENCE, version: 2 })
  const targets = await startTargets(folder, entra)

  await mkdir(join(folder, 'policies'))
  for (const [name, text] of Object.entries(policies(dba.id))) {
    await writeFile(join(folder, 'policies', name), text)
  }
  await writeFile(join(folder, 'agents.yaml'), agentsFile(entra.tenant, app, root.userName))
  const configPath = join(folder, 'chaperone.yaml')
  const words = {
    tenant: entra.tenant,
    authority: entra.url,
    graph: entra.graphUrl,
    audience: AUDIENCE,
    clientId: CLIENT_ID,
    targets,
    dba: dba.id,
  }
  await writeFile(configPath, configFile(words))

  const logFile = join(folder, 'gateway.log')
  const log = createLog({
    level: 'info',
    format: 'json',
    write: (line) => appendFileSync(logFile, line),
    clock: systemClock,
  })
  const gateway = await startGateway(loadConfig(configPath), { clock: systemClock, log })
  const person = { dana, root }
  return {
    folder,
    postgresPort: gateway.postgresPort,
    doorUrl: `https://127.0.0.1:${gateway.httpPort}`,
    apiUrl: `https://127.0.0.1:${gateway.apiPort}`,
    authorityFile: gateway.authorityFile!,
    tenant: entra.tenant,
    agentAppId: app.clientId,
    agentObjectId: app.objectId,
    subscription: targets.subscription,
    heard: () => targets.heard(),
    entraUrl: entra.url,
    agentToken: () =>
      entra.issueToken({
        kind: 'app',
        audience: AUDIENCE,
        objectId: app.objectId,
        appId: app.clientId,
      }),
    personToken: (who) =>
      entra.issueToken({
        kind: 'user',
        audience: AUDIENCE,
        appId: CLIENT_ID,
        objectId: person[who].objectId,
        name: person[who].name,
        groups: person[who].groups,
        roles: person[who].roles,
      }),
    async close() {
      await gateway.close()
      await targets.close()
      await entra.close()
      await rm(folder, { recursive: true })
    },
  }
}
