import type { Clock } from '../../src/core/clock.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { Reply, Request, TlsFiles } from '../entra/http.ts'
import { listen } from '../entra/http.ts'
import { failed } from './answers.ts'
import { answerCertificates, certificatesOf } from './certificates.ts'
import { answerKeys, keysOf } from './keys.ts'
import { answerSecrets, secretsOf } from './secrets.ts'
import type { Call } from './shelf-routes.ts'
import { answerDeleted } from './shelf-routes.ts'

export interface VaultEmulatorOptions {
  readonly tls: TlsFiles
  /** The token that it takes; every other one gets a challenge. */
  readonly token: string
  readonly clock?: Clock
  /** Where it says it is; without it, where it listens. */
  readonly publicUrl?: string
}

/**
 * An emulator of one Azure key vault, for tests and the demo: secrets, RSA keys and self-signed
 * certificates with versions, soft deletion, paging and the challenge. It keeps everything in memory
 * and protects nothing.
 */
export interface VaultEmulator {
  /** `https://127.0.0.1:port`. */
  readonly url: string
  /** Requests so far with their credential, oldest first. */
  readonly requests: readonly SeenRequest[]
  close(): Promise<void>
}

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
}

export async function startVaultEmulator(options: VaultEmulatorOptions): Promise<VaultEmulator> {
  const { tls, token, clock = systemClock } = options
  const requests: SeenRequest[] = []
  let answerAt: (request: Request) => Promise<Reply> | Reply = () =>
    failed(503, 'NotReady', 'The emulator is starting.')
  const server = await listen(
    (request) => {
      const { authorization } = request.headers
      requests.push({ method: request.method, path: request.path, authorization })
      return authorization === `Bearer ${token}` ? answerAt(request) : challenge()
    },
    { tls, port: 0 },
  )
  const url = options.publicUrl ?? server.url
  const shelves = { secrets: secretsOf(url), keys: keysOf(url), certificates: certificatesOf(url) }

  answerAt = async (request) => {
    const [collection = '', ...path] = request.path.slice(1).split('/').map(decodeURIComponent)
    if (!request.query.has('api-version')) {
      return failed(400, 'BadParameter', 'api-version must be specified')
    }
    const call: Call = {
      request,
      path,
      body: request.text === '' ? {} : (JSON.parse(request.text) as Call['body']),
      now_s: Math.floor(clock.now_ms() / 1000),
    }
    const found = await answer(shelves, collection, call)
    return found ?? failed(404, 'NotFound', `${request.method} ${request.path} is not known.`)
  }
  return { url: server.url, requests, close: () => server.close() }
}

interface Shelves {
  readonly secrets: ReturnType<typeof secretsOf>
  readonly keys: ReturnType<typeof keysOf>
  readonly certificates: ReturnType<typeof certificatesOf>
}

function answer(
  { secrets, keys, certificates }: Shelves,
  collection: string,
  call: Call,
): Promise<Reply | undefined> | Reply | undefined {
  switch (collection) {
    case 'secrets':
      return answerSecrets(secrets, call)
    case 'keys':
      return answerKeys(keys, call)
    case 'certificates':
      return answerCertificates(certificates, call)
    case 'deletedsecrets':
      return answerDeleted(secrets, call)
    case 'deletedkeys':
      return answerDeleted(keys, call)
    case 'deletedcertificates':
      return answerDeleted(certificates, call)
    default:
      return undefined
  }
}

/** As the service asks for a token; the tenant is nobody's. */
function challenge(): Reply {
  return {
    ...failed(401, 'Unauthorized', 'AKV10000: Request is missing a Bearer or PoP token.'),
    headers: {
      'www-authenticate':
        'Bearer authorization="https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000", resource="https://vault.azure.net"',
    },
  }
}
