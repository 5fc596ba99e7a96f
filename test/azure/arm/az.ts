import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { run as runChaperone } from '../../../src/cli/program.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { isOnPath } from '../../support/postgres-programs.ts'
import type { ArmWorld } from '../../world/arm.ts'

const exec = promisify(execFile)

/** No command of the tests takes longer by far; the CLI alone takes half a second to start. */
const TIMEOUT_MS = 60_000

/** One Azure CLI: how it is called, and whether it looks for endpoints before it is told them. */
export interface AzureCli {
  readonly name: string
  readonly program: string
  readonly discovers: boolean
}

/** The one of the operating system, and another that CHAPERONE_TEST_AZ names. */
export function azureClis(): readonly AzureCli[] {
  const other = process.env['CHAPERONE_TEST_AZ'] ?? ''
  return [
    ...(isOnPath('az') ? [{ name: 'az', program: 'az' }] : []),
    ...(other === '' ? [] : [{ name: other, program: other }]),
  ].map((one) => ({ ...one, discovers: one.name === other }))
}

/**
 * Why a CLI cannot speak to vaults, or false. Debian's package of 2.45 has the commands, but not the
 * library that they need, which it finds missing before it looks for anybody who signed in.
 */
export function lacksVaults({ program }: AzureCli): string | false {
  const folder = mkdtempSync(join(tmpdir(), 'chaperone-az-'))
  const words = ['keyvault', 'secret', 'list', '--vault-name', 'none']
  const { stderr } = spawnSync(program, words, {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, AZURE_CONFIG_DIR: folder },
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  })
  rmSync(folder, { recursive: true })
  if (!stderr.includes('No module named')) return false
  return 'this CLI lacks its library for vaults; name a current one in CHAPERONE_TEST_AZ'
}

export interface SignedIn {
  /** Runs `az …` and gives what it printed, as JSON where it is. Rejects with what it complained of. */
  readonly az: (...words: readonly string[]) => Promise<unknown>
}

/** What of a gateway the CLI has to know. */
export type CliBench = Pick<
  ArmWorld,
  'folder' | 'authorityFile' | 'api' | 'door' | 'tenant' | 'appId' | 'token'
> & {
  /** `NAME=TYPE` of resources beside `arm` and `graph`. */
  readonly resources?: readonly string[]
  /** More of the CLI's environment. */
  readonly environment?: Readonly<Record<string, string>>
}

/** Registers the gateway as a cloud, by the commands of docs/azure-cli.md, and signs in as an agent. */
export async function signIn(
  bench: CliBench,
  { program, discovers }: AzureCli,
  agent = 'etl-1',
): Promise<SignedIn> {
  const folder = await mkdtemp(join(bench.folder, 'az-'))
  const file = join(folder, 'cloud.json')
  await writeCloud(bench, file)
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    AZURE_CONFIG_DIR: folder,
    REQUESTS_CA_BUNDLE: bench.authorityFile,
    AZURE_CORE_INSTANCE_DISCOVERY: 'false',
    AZURE_CORE_COLLECT_TELEMETRY: 'false',
    AZURE_CORE_ONLY_SHOW_ERRORS: 'true',
    AZURE_CORE_NO_COLOR: 'true',
    ...bench.environment,
  }
  const az = async (...words: readonly string[]): Promise<unknown> => {
    const { stdout } = await exec(program, words, { env, timeout: TIMEOUT_MS })
    try {
      return JSON.parse(stdout) as unknown
    } catch {
      return stdout
    }
  }
  const flags = discovers ? ['--skip-endpoint-discovery'] : []
  await az('cloud', 'register', '--name', 'chaperone', '--cloud-config', `@${file}`, ...flags)
  await az('cloud', 'set', '--name', 'chaperone')
  const who = ['--username', bench.appId(agent), '--tenant', bench.tenant]
  await az('login', '--service-principal', ...who, '--federated-token', await bench.token(agent))
  return { az }
}

async function writeCloud(bench: CliBench, file: string): Promise<void> {
  const resources = ['arm=azure-arm', 'graph=microsoft-graph', ...(bench.resources ?? [])]
  const words = ['--api', bench.api, 'azure', 'cloud-config', '--door', bench.door, '--out', file]
  let said = ''
  const stream = { write: (text: string) => void (said += text), colour: false }
  const code = await runChaperone([...words, '--resource', ...resources], {
    out: stream,
    err: stream,
    environment: {},
    folder: bench.folder,
    clock: systemClock,
    readInput: () => Promise.resolve(''),
    ask: undefined,
    sleep: () => Promise.resolve(),
  })
  if (code !== 0) throw new Error(said)
}
