import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../src/listen/development-authority.ts'
import type { HttpWorld } from '../world/http.ts'
import { startHttpWorld } from '../world/http.ts'
import type { Speaker } from './agent.ts'
import { createHttp1, createHttp2 } from './agent.ts'
import { AZURE_RULES } from './azure-places.ts'
import { KUBERNETES_RULES } from './kubernetes-places.ts'
import type { ScriptedTarget } from './scripted-target.ts'
import { startScriptedTarget } from './scripted-target.ts'
import { STORAGE_RULES } from './storage-places.ts'

/** Every kind of HTTP resource behind one gateway, over one target that says what it is told. */
export interface World {
  readonly target: ScriptedTarget
  readonly bench: HttpWorld
  readonly speakers: Readonly<Record<Protocol, Speaker>>
  readonly token: string
  stop(): Promise<void>
}

export type Protocol = 'http1' | 'http2'

const TOKEN = 'CHAPERONE_TEST_LEAK_TOKEN'

/** `masked: false`: the same rules without their masks. */
export async function startWorld({ masked }: { readonly masked: boolean }): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'chaperone-leak-'))
  const files = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
  const cert = await readFile(files.certificateFile)
  const target = await startScriptedTarget({ cert, key: await readFile(files.keyFile) })
  const bench = await startHttpWorld({
    policy: policyText(masked),
    environment: { [TOKEN]: 'target-secret' },
    resources: resourcesText(target.port, files.authorityFile),
  })
  const place = { port: bench.port, ca: bench.authority }
  const http1 = createHttp1(place)
  const http2 = createHttp2(place)
  return {
    target,
    bench,
    speakers: { http1: http1.ask, http2: http2.ask },
    token: await bench.token(),
    async stop() {
      http1.close()
      http2.close()
      await bench.stop()
      await target.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function policyText(masked: boolean): string {
  const rules = KUBERNETES_RULES + AZURE_RULES + STORAGE_RULES
  const shown = masked ? rules : rules.replaceAll(/ +mask:(?: \[.*|\n +- .*)\n/g, '')
  return `name: leak\nsubjects: { agents: ['*'] }\nrules:${shown}`
}

function resourcesText(port: number, authorityFile: string): string {
  const address = `127.0.0.1:${port}`
  const trust = `tls: { ca: '${authorityFile}' }, credential: { from: environment, variable: ${TOKEN} }`
  const at = `{ address: '${address}' }`
  return `
  - { name: k8s, type: kubernetes, address: '${address}', ${trust} }
  - { name: arm, type: azure-arm, address: '${address}', ${trust} }
  - { name: graph, type: microsoft-graph, address: '${address}', ${trust} }
  - { name: payments, type: azure-keyvault, vault: payments, address: '${address}', ${trust} }
  - { name: acme, type: azure-storage, account: acme, services: { blob: ${at}, queue: ${at}, table: ${at} }, ${trust} }
`
}
