import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startArmEmulator } from '../../../emulator/arm/server.ts'
import type { EntraEmulator } from '../../../emulator/entra/server.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { silentLog } from '../../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../../src/listen/development-authority.ts'
import type { HttpWorld } from '../../world/http.ts'
import { startHttpWorld } from '../../world/http.ts'
import type { AzureCli, SignedIn } from '../arm/az.ts'
import { signIn } from '../arm/az.ts'
import { startLoopbackProxy } from './loopback-proxy.ts'

export interface CliBenchOptions {
  readonly policy: string
  /** `NAME=TYPE` of the resources that `targets` starts. */
  readonly names: readonly string[]
  /** Starts targets and gives their resources, as YAML; what `undo` is given runs at the end. */
  readonly targets: (parts: TargetParts) => Promise<string>
  /** Secrets that those name, by variable. */
  readonly environment: Readonly<Record<string, string>>
}

export interface TargetParts {
  readonly folder: string
  readonly tls: { readonly cert: Buffer; readonly key: Buffer }
  /** YAML by which the gateway trusts a target with that certificate. */
  readonly trust: string
  readonly undo: (step: () => Promise<unknown>) => void
}

export interface CliBench {
  readonly az: SignedIn['az']
  readonly bench: HttpWorld
  readonly folder: string
  /** By an address of numbers; names are below `.localhost`. */
  readonly door: string
  stop(): Promise<void>
}

/** A signed in Azure CLI before a gateway that has Resource Manager, Graph and more targets. */
export async function startCliBench(cli: AzureCli, options: CliBenchOptions): Promise<CliBench> {
  const undone: (() => Promise<unknown>)[] = []
  const undo = (step: () => Promise<unknown>) => void undone.push(step)
  const stop = async () => {
    for (let last = undone.pop(); last !== undefined; last = undone.pop()) await last()
  }
  try {
    return { ...(await build(cli, options, undo)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function build(
  cli: AzureCli,
  { policy, names, targets, environment }: CliBenchOptions,
  undo: TargetParts['undo'],
): Promise<Omit<CliBench, 'stop'>> {
  const folder = await mkdtemp(join(tmpdir(), 'chaperone-cli-'))
  undo(() => rm(folder, { recursive: true, force: true }))
  const proxy = await startLoopbackProxy()
  undo(() => proxy.close())
  const files = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
  const tls = { cert: await readFile(files.certificateFile), key: await readFile(files.keyFile) }
  const trust = `tls: { ca: '${files.authorityFile}' }`
  const bench = await startHttpWorld({
    policy,
    environment,
    async resources(entra) {
      const arm = await startArm(entra, tls, undo)
      const at = `address: '${arm}', ${trust}, credential: { from: environment, variable: CHAPERONE_TEST_CLI_ARM }`
      return `
  - { name: arm, type: azure-arm, ${at} }
  - { name: graph, type: microsoft-graph, ${at} }
${await targets({ folder, tls, trust, undo })}`
    },
  })
  undo(() => bench.stop())
  const parts = {
    folder,
    authorityFile: bench.authorityFile,
    api: `https://127.0.0.1:${bench.apiPort}`,
    door: `https://localhost:${bench.port}`,
    tenant: bench.entra.tenant,
    appId: () => bench.clientId,
    token: () => bench.token(),
    resources: names,
    // Names below .localhost are this machine, but not every resolver knows.
    environment: { HTTPS_PROXY: proxy.url },
  }
  const { az } = await signIn(parts, cli)
  return { az, bench, folder, door: `https://127.0.0.1:${bench.port}` }
}

/** Its host and port; the gateway's credential for it is in the environment. */
async function startArm(
  entra: EntraEmulator,
  tls: TargetParts['tls'],
  undo: TargetParts['undo'],
): Promise<string> {
  const arm = await startArmEmulator({ entra, tls })
  undo(() => arm.close())
  const audience = 'https://management.azure.com'
  const token = await entra.issueToken({ kind: 'app', version: 1, audience, appId: 'gateway' })
  process.env['CHAPERONE_TEST_CLI_ARM'] = token
  return new URL(arm.url).host
}
