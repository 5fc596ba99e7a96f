import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HttpWorld } from '../../world/http.ts'
import { startHttpWorld } from '../../world/http.ts'
import type { Azurite, AzuriteOptions } from './azurite.ts'
import { ACCOUNT, ACCOUNT_KEY, startAzurite } from './azurite.ts'
import type { Before, Relay } from './relay.ts'
import { startRelay } from './relay.ts'

export interface StorageBench extends HttpWorld {
  readonly azurite: Azurite
  /** `https://127.0.0.1:port/acme/blob`. */
  endpoint(service: 'blob' | 'queue' | 'table'): string
  /** What every client of the SDKs needs to trust the gateway, and to tell failures at once. */
  readonly clientOptions: {
    readonly tlsOptions: { readonly ca: string }
    readonly retryOptions: { readonly maxTries: number; readonly maxRetries: number }
  }
}

export interface StorageBenchOptions extends AzuriteOptions {
  /** Rules of the one policy, as YAML list entries. */
  readonly rules: string
  /** How the gateway signs in. Azurite checks signatures, and of tokens no more than their form. */
  readonly upstream?: 'shared-key' | 'token'
  readonly asProcess?: boolean
  /** Has its say between the gateway and Azurite. */
  readonly before?: Before
}

const KEY_VARIABLE = 'CHAPERONE_TEST_ACCOUNT_KEY'
const TOKEN_VARIABLE = 'CHAPERONE_TEST_STORAGE_TOKEN'

/** Azurite behind a gateway that calls it `acme`. */
export async function startStorageBench(options: StorageBenchOptions): Promise<StorageBench> {
  const { rules, upstream = 'shared-key', asProcess = false, before } = options
  const azurite = await startAzurite(options)
  const relays: Relay[] = []
  const stopTargets = async () => {
    for (const relay of relays) await relay.close()
    await azurite.stop()
  }
  const portOf = async (service: keyof Azurite['ports']) => {
    if (before === undefined) return azurite.ports[service]
    const relay = await startRelay(azurite.folder, azurite.ports[service], before)
    relays.push(relay)
    return relay.port
  }
  const caFile = join(azurite.folder, 'trusted.pem')
  await writeFile(caFile, azurite.authority)
  const at = async (service: keyof Azurite['ports']) =>
    `{ address: '127.0.0.1:${await portOf(service)}/${ACCOUNT}' }`
  const credential =
    upstream === 'token'
      ? `{ from: environment, variable: ${TOKEN_VARIABLE} }`
      : `{ kind: shared-key, from: environment, variable: ${KEY_VARIABLE} }`
  try {
    const bench = await startHttpWorld({
      asProcess,
      environment: { [KEY_VARIABLE]: ACCOUNT_KEY, [TOKEN_VARIABLE]: storageToken() },
      resources: `
  - name: acme
    type: azure-storage
    account: ${ACCOUNT}
    services: { blob: ${await at('blob')}, queue: ${await at('queue')}, table: ${await at('table')} }
    tls: { ca: '${caFile}' }
    credential: ${credential}
`,
      policy: `
name: storage
subjects: { agents: ['*'] }
rules:
${rules}
`,
    })
    return {
      ...bench,
      azurite,
      endpoint: (service) => `https://127.0.0.1:${bench.port}/acme/${service}`,
      clientOptions: {
        tlsOptions: { ca: bench.authority },
        retryOptions: { maxTries: 1, maxRetries: 0 },
      },
      async stop() {
        await bench.stop()
        await stopTargets()
      },
    }
  } catch (error) {
    await stopTargets()
    throw error
  }
}

/** Of the form that Azurite asks for; nobody signed it. */
function storageToken(): string {
  const claims = {
    aud: 'https://storage.azure.com',
    iss: 'https://sts.windows.net/ab1f708d-50f6-404c-a006-d71b2ac7a606/',
    nbf: 1,
    iat: 1,
    exp: 4_000_000_000,
    oid: 'gateway',
  }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part(claims)}.${Buffer.from('x').toString('base64url')}`
}

export const ALLOW_ALL = `
  - id: all
    allow: { actions: ['Microsoft.Storage/*'], objects: ['${ACCOUNT}/**'] }
`
