import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EntraEmulator } from '../../emulator/entra/server.ts'
import { startEntraEmulator } from '../../emulator/entra/server.ts'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import type { DevelopmentAuthority } from '../../src/listen/development-authority.ts'
import { openDevelopmentAuthority } from '../../src/listen/development-authority.ts'
import { freePort, startProgram, startServer } from '../child.ts'
import { startKubectlProxy } from './kubectl-proxy.ts'
import type { Nginx } from './nginx.ts'
import { startOrigin, startProxy } from './nginx.ts'
import type { HttpPeer } from './peer.ts'

const AUDIENCE = 'api://chaperone-bench'
const TOKEN_VARIABLE = 'CHAPERONE_BENCH_STORAGE_TOKEN'
const POLICIES = 50

export interface HttpWorld {
  readonly peers: readonly HttpPeer[]
  stop(): Promise<void>
}

/** An origin with small files and a large one; proxies, a bare relay and a gateway in front of it. */
export async function startHttpWorld(largeBytes: number): Promise<HttpWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'chaperone-bench-'))
  const log = silentLog
  const tls = await openDevelopmentAuthority({
    folder: join(folder, 'tls'),
    clock: systemClock,
    log,
  })
  const entra = await startEntraEmulator()
  const origin = await startOrigin(folder, tls, largeBytes)
  const proxy = await startProxy(folder, tls, origin)
  const kubectl = await startKubectlProxy(folder, tls, origin)
  const bare = await startBareRelay(tls, origin)
  const gateway = await startGateway(folder, tls, entra, origin)
  const files = (port: number, folder = '/bench/files') => `https://localhost:${port}${folder}`
  const way = { headers: {}, largeBytes }
  return {
    peers: [
      { ...way, name: 'direct', url: files(origin.port) },
      { ...way, name: 'nginx', url: files(proxy.port), pid: proxy.child.pid },
      ...(kubectl === undefined ? [] : [kubectlPeer(kubectl, largeBytes)]),
      { ...way, name: 'bare Node relay', url: files(bare.port), pid: bare.child.pid },
      {
        ...way,
        name: 'chaperone',
        url: files(gateway.httpPort, '/files/blob/files'),
        pid: gateway.child.pid,
        headers: { Authorization: `Bearer ${gateway.token}`, 'x-ms-version': '2024-08-04' },
      },
    ],
    async stop() {
      for (const one of [gateway, bare, kubectl, proxy, origin]) await one?.child.stop()
      await entra.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function kubectlPeer({ port, child }: Nginx, largeBytes: number): HttpPeer {
  const url = `http://127.0.0.1:${port}/bench/files`
  return { name: 'kubectl proxy, plain', url, headers: {}, largeBytes, pid: child.pid }
}

async function startBareRelay(tls: DevelopmentAuthority, origin: Nginx): Promise<Nginx> {
  const port = await freePort()
  const program = join(import.meta.dirname, 'bare-relay.ts')
  const files = [tls.certificateFile, tls.keyFile, tls.authorityFile]
  const command = [process.execPath, program, `${port}`, `${origin.port}`, ...files]
  return { port, child: await startServer(command, port) }
}

async function startGateway(
  world: string,
  tls: DevelopmentAuthority,
  entra: EntraEmulator,
  origin: Nginx,
) {
  const folder = join(world, 'gateway')
  await mkdir(join(folder, 'policies'), { recursive: true })
  for (let number = 0; number < POLICIES; number++) {
    await writeFile(join(folder, 'policies', `policy-${number}.yaml`), policyText(number))
  }
  const { objectId, clientId } = entra.addApp({ name: 'etl-1' })
  await writeFile(
    join(folder, 'agents.yaml'),
    `- { name: etl-1, tenant: ${entra.tenant}, objectId: ${objectId}, appId: ${clientId}, owner: owner@example.com, purpose: bench }\n`,
  )
  const config = join(folder, 'chaperone.yaml')
  await writeFile(config, configText(tls, entra, origin))
  const program = join(import.meta.dirname, '..', 'gateway.ts')
  const { child, said } = await startProgram([process.execPath, program, config], {
    [TOKEN_VARIABLE]: 'bench',
  })
  const token = await entra.issueToken({
    kind: 'app',
    audience: AUDIENCE,
    objectId,
    appId: clientId,
  })
  return { child, token, httpPort: (said as { readonly httpPort: number }).httpPort }
}

/** All apply to the agent; the first allows what is asked, with a mask that is due on other blobs. */
function policyText(number: number): string {
  const container = number === 0 ? 'files' : `team-${number}`
  return `
name: policy-${number}
subjects: { agents: [etl-*] }
resources: { types: [azure-storage] }
rules:
  - id: read
    allow:
      actions: [Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read]
      objects: [bench/${container}/**]
    mask: [{ columns: [bench/${container}/people/**], with: redact }]
  - id: no-deleting
    deny: { actions: ['Microsoft.Storage/*/delete'], objects: [bench/${container}/**] }
`
}

function configText(tls: DevelopmentAuthority, entra: EntraEmulator, origin: Nginx): string {
  const own = `{ certificate: ${tls.certificateFile}, key: ${tls.keyFile} }`
  return `
listen:
  postgres: { address: '127.0.0.1:0', tls: ${own} }
  http: { address: '127.0.0.1:0', tls: ${own} }
  api: { address: '127.0.0.1:0' }
identity:
  providers:
    - { type: entra, tenant: ${entra.tenant}, audience: '${AUDIENCE}', authority: '${entra.url}', graph: '${entra.graphUrl}' }
agents: { files: [agents.yaml] }
resources:
  - name: files
    type: azure-storage
    account: bench
    services: { blob: { address: 'localhost:${origin.port}/bench' } }
    tls: { ca: ${tls.authorityFile} }
    credential: { from: environment, variable: ${TOKEN_VARIABLE} }
records: { folder: records, freeBytesMin: 1MiB }
limits: { drainTimeout: 1s, recordBurstPerAgent: 1024GiB }
log: { level: error }
`
}
