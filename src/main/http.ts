import type { Config } from '../config/schema.ts'
import type { SteadyClock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Resource } from '../core/resource.ts'
import type { Gatekeeper } from '../identity/gatekeeper.ts'
import type { TcpListener } from '../listen/tcp.ts'
import { listenTcp } from '../listen/tcp.ts'
import type { MaskKeys } from '../mask/maskers.ts'
import { createLinkStore } from '../protocol/azure/shared/links.ts'
import { createDeadlines } from '../protocol/http/deadlines.ts'
import { createHttpConnections } from '../protocol/http/exchange/door.ts'
import type { ExchangeHost } from '../protocol/http/exchange/host.ts'
import { createHttpSessions } from '../protocol/http/exchange/sessions.ts'
import type { HttpResource } from '../protocol/http/target/endpoint.ts'
import { createRouter } from '../protocol/http/target/routing.ts'
import type { SessionHost } from '../session/governed.ts'
import type { WiredTls } from './certificates.ts'
import { openHttpResource } from './http-resources.ts'

export interface HttpParts {
  readonly config: Config
  readonly clock: SteadyClock
  readonly log: Log
  readonly host: SessionHost
  readonly gatekeeper: Gatekeeper
  /** Opens the certificate of the door. */
  readonly tls: () => Promise<WiredTls>
  readonly keys: MaskKeys
  readonly baseUrl: string
  readonly refused: ExchangeHost['refused']
}

export interface WiredHttp {
  readonly resources: readonly Resource[]
  /** Absent where no resource is for it. */
  readonly listener?: TcpListener
  /** The agent's tokens are verified anew. */
  forget(agent: string): void
  /** No new connections, and no new requests on the old ones. */
  stop(): void
  close(): void
}

/** Opens the HTTP door where a resource needs it. Rejects with CONFIG_INVALID when its address cannot be had. */
export async function wireHttp(parts: HttpParts): Promise<WiredHttp> {
  const { config, clock, log, host } = parts
  const deadlines = createDeadlines(clock)
  const links = createLinkStore()
  const resources = config.resources
    .filter((settings) => settings.type !== 'postgres')
    .map((settings) => openHttpResource(settings, { ...parts, deadlines, links }))
    .filter((resource) => resource !== undefined)
  if (resources.length === 0) {
    deadlines.close()
    return { resources: [], forget() {}, stop() {}, close() {} }
  }
  const sessions = createHttpSessions(host, parts.gatekeeper)
  let stopping = false
  const tls = await parts.tls()
  const connections = createHttpConnections({
    tls: tls.acceptor,
    handshakeTimeout_ms: config.limits.handshakeTimeout,
    exchanges: {
      host,
      log,
      router: createRouter(resources),
      sessions,
      deadlines,
      refused: parts.refused,
      stopping: () => stopping,
    },
  })
  const listener = await listenTcp({
    ...config.listen.http.address,
    log,
    connectionsMax: config.limits.connectionsMax,
    perAddressMax: config.limits.connectionsPerAddressMax,
    onConnection: (socket, known) => connections.serve(socket, known),
  })
  return {
    resources: resources.map(({ resource }) => resource),
    listener,
    forget: (agent) => sessions.forget(agent),
    stop() {
      stopping = true
      listener.close()
      connections.retire()
    },
    close() {
      tls.close()
      listener.destroyConnections()
      closePools(resources)
      deadlines.close()
    },
  }
}

function closePools(resources: readonly HttpResource[]): void {
  for (const { endpoints } of resources) for (const { pool } of endpoints) pool.close()
}
