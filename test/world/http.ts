import { readFileSync } from 'node:fs'
import type { EntraEmulator } from '../../emulator/entra/server.ts'
import { startWorld } from './world.ts'

const POLICY_FILE = 'policy.yaml'
/** Little room for garbage, so that what grows is what is kept. */
const SMALL_HEAP = { NODE_OPTIONS: '--max-old-space-size=128' }
/** The SDKs ask for no other token before. */
const FAR = 4_000_000_000_000

export interface HttpWorldOptions {
  /** YAML of the resources, as list entries; a function where targets need the emulated Entra. */
  readonly resources: string | ((entra: EntraEmulator) => Promise<string>)
  /** The one policy file; `{dba}` stands for the id of the group that approves. */
  readonly policy: string
  /** Secrets that the configuration names, by variable. */
  readonly environment?: Readonly<Record<string, string>>
  /** Run it as a process of its own, whose memory can be looked at. */
  readonly asProcess?: boolean
}

/** A gateway with an HTTP door, as clients see it. */
export interface HttpWorld {
  readonly port: number
  /** Of the gateway, where it is a process of its own. */
  readonly pid: number | undefined
  readonly apiPort: number
  /** PEM of what clients trust. */
  readonly authority: string
  readonly authorityFile: string
  readonly folder: string
  readonly entra: EntraEmulator
  /** Of the agent's registration in Entra. */
  readonly clientId: string
  readonly log: readonly string[]
  /** The agent's Entra token for the gateway. */
  token(): Promise<string>
  /** A credential as the SDKs take them: the same token for whatever they ask. */
  readonly credential: {
    getToken(): Promise<{ token: string; expiresOnTimestamp: number }>
  }
  /** Everything that was recorded so far, as text. */
  records(): Promise<string>
  setPolicy(text: string): Promise<void>
  /** `chaperone --json …` as somebody who approves. */
  approver(...words: readonly string[]): Promise<unknown>
  stop(): Promise<void>
}

export async function startHttpWorld(options: HttpWorldOptions): Promise<HttpWorld> {
  const { resources, policy, environment = {}, asProcess = false } = options
  const world = await startWorld({
    policies: { [POLICY_FILE]: policy },
    resources: ({ entra }) => (typeof resources === 'string' ? resources : resources(entra)),
    secrets: environment,
    asProcess,
    environment: SMALL_HEAP,
  })
  const { gateway, entra, folder, log } = world
  const kept = await world.token()
  return {
    port: gateway.httpPort!,
    pid: gateway.pid,
    apiPort: gateway.apiPort,
    authority: readFileSync(gateway.authorityFile!, 'utf8'),
    authorityFile: gateway.authorityFile!,
    folder,
    entra,
    clientId: world.appOf().clientId,
    log,
    token: () => world.token(),
    credential: {
      getToken: () => Promise.resolve({ token: kept, expiresOnTimestamp: FAR }),
    },
    records: () => world.recordedText(),
    setPolicy: (text) => world.setPolicy(POLICY_FILE, text),
    approver: (...words) => world.chaperone('lead', ...words),
    stop: () => world.stop(),
  }
}
