import { createServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TlsFiles } from '../entra/http.ts'
import { answerObjects } from './answers.ts'
import { createObjects } from './objects.ts'
import { LOG, SEED } from './seed.ts'
import { createShell } from './shell.ts'
import { statusOf } from './status.ts'
import { serveTerminal } from './terminal.ts'

export interface KubernetesOptions {
  readonly tls: TlsFiles
  /** The bearer token that it takes. */
  readonly token: string
}

/**
 * An emulator of a Kubernetes API server, for tests and the demo: a handful of kinds in memory, with
 * watches, patches, dry runs, logs and `exec`. It judges nobody, and says so.
 */
export interface KubernetesEmulator {
  readonly url: string
  readonly port: number
  /** Every request so far, as the server saw it. */
  readonly requests: readonly SeenRequest[]
  close(): Promise<void>
}

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly user: string | undefined
  readonly groups: string | undefined
  readonly auditId: string | undefined
  readonly authorization: string | undefined
}

export async function startKubernetesEmulator(
  options: KubernetesOptions,
): Promise<KubernetesEmulator> {
  const objects = createObjects()
  for (const [resource, object] of SEED) objects.put(resource, object, false)
  const requests: SeenRequest[] = []
  const shell = createShell({ API_KEY: 'canary-env-value', HOME: '/root' })
  const isKnown = (request: IncomingMessage): boolean => {
    requests.push(seen(request))
    return request.headers.authorization === `Bearer ${options.token}`
  }
  const server = createServer(options.tls, (request, response) => {
    void answer(request, response)
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://cluster')
    const body = await text(request)
    if (!isKnown(request)) reply(response, 401, statusOf(401, 'Unauthorized', 'Unauthorized'))
    else if (/^\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/log$/.test(url.pathname))
      log(response, url)
    else {
      try {
        answerObjects({ request, response, url, body, objects })
      } catch (error) {
        reply(response, 400, statusOf(400, 'BadRequest', String(error)))
      }
    }
  }

  server.on('upgrade', (request: IncomingMessage, socket) => {
    const url = new URL(request.url ?? '/', 'https://cluster')
    if (!isKnown(request) || !url.pathname.endsWith('/exec')) {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
      return
    }
    serveTerminal(request, socket, url, shell)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function seen({ method = 'GET', url = '/', headers }: IncomingMessage): SeenRequest {
  const one = (name: string) => headers[name]?.toString()
  return {
    method,
    url,
    user: one('impersonate-user'),
    groups: one('impersonate-group'),
    auditId: one('audit-id'),
    authorization: headers.authorization,
  }
}

/** The log, and with `follow` a line more, until the client goes. */
function log(response: ServerResponse, url: URL): void {
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.write(LOG.map((line) => `${line}\n`).join(''))
  if (url.searchParams.get('follow') !== 'true') {
    response.end()
    return
  }
  const later = setTimeout(() => response.write('later: canary.late@example.com\n'), 50)
  response.once('close', () => clearTimeout(later))
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
