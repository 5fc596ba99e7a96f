import type { Config, ResourceConfigOf } from '../config/schema.ts'
import type { SteadyClock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Resource } from '../core/resource.ts'
import type { Gatekeeper } from '../identity/gatekeeper.ts'
import type { TcpListener } from '../listen/tcp.ts'
import { listenTcp } from '../listen/tcp.ts'
import type { TlsAcceptor } from '../listen/tls.ts'
import type { MaskKeys } from '../mask/maskers.ts'
import type { CatalogViews } from '../protocol/postgres/judging/classifier.ts'
import { createCatalogViews } from '../protocol/postgres/judging/classifier.ts'
import { createTraffic } from '../protocol/postgres/judging/traffic.ts'
import type { PostgresDoor } from '../protocol/postgres/session.ts'
import { servePostgres } from '../protocol/postgres/session.ts'
import { openCancelRegistry } from '../protocol/postgres/signing-in/cancel.ts'
import type { PostgresResource } from '../protocol/postgres/signing-in/resource.ts'
import { openPostgresResource } from '../protocol/postgres/signing-in/resource.ts'
import type { SessionHost } from '../session/governed.ts'
import { openCredentialSource } from '../upstream/credentials.ts'

export interface PostgresParts {
  readonly config: Config
  readonly clock: SteadyClock
  readonly log: Log
  readonly host: SessionHost
  readonly gatekeeper: Gatekeeper
  readonly tls: TlsAcceptor
  readonly keys: MaskKeys
  readonly refused: PostgresDoor['refused']
}

export interface WiredPostgres {
  readonly listener: TcpListener
  readonly resources: readonly Resource[]
  readonly views: CatalogViews
}

/** How long another client's change of a schema may go unnoticed; see docs/postgresql.md. */
const CATALOG_FRESH_MS = 60_000

/** Opens the PostgreSQL door. Rejects with CONFIG_INVALID when its address cannot be had. */
export async function wirePostgres(parts: PostgresParts): Promise<WiredPostgres> {
  const { config, clock, log } = parts
  const { limits } = config
  const resources = new Map(
    config.resources
      .filter((resource) => resource.type === 'postgres')
      .map((resource) => [resource.name, openResource(resource, parts)]),
  )
  const viewLimits = {
    fresh_ms: CATALOG_FRESH_MS,
    statements: limits.statementCacheEntriesMax,
    statementLength: limits.statementCacheBytesMax,
  }
  const views = createCatalogViews(clock, viewLimits, () => parts.host.policies())
  const door: PostgresDoor = {
    host: parts.host,
    log,
    gatekeeper: parts.gatekeeper,
    greeting: {
      tls: parts.tls,
      plaintext: config.listen.postgres.plaintext,
      timeout_ms: limits.handshakeTimeout,
    },
    resources,
    cancelKeys: openCancelRegistry(clock),
    views,
    traffic: createTraffic(),
    limits: {
      statementBytesMax: limits.statementBytesMax,
      bindBytesMax: limits.messageBytesMax,
      maskedRowBytesMax: limits.messageBytesMax,
      aheadBytesMax: limits.bufferedBytesMax,
      preparedMax: limits.preparedStatementsPerSessionMax,
    },
    keys: parts.keys,
    refused: parts.refused,
  }
  const listener = await listenTcp({
    ...config.listen.postgres.address,
    log,
    connectionsMax: limits.connectionsMax,
    perAddressMax: limits.connectionsPerAddressMax,
    onConnection: (socket, known) => servePostgres(door, socket, known),
  })
  return { listener, views, resources: [...resources.values()].map(({ resource }) => resource) }
}

function openResource(
  resource: ResourceConfigOf<'postgres'>,
  { clock, config }: PostgresParts,
): PostgresResource {
  const { name, type, labels, address, tls, credential, auth, session } = resource
  return openPostgresResource({
    resource: { name, type, labels },
    address,
    tls,
    user: credential.username,
    credential: openCredentialSource(credential, { clock }),
    md5: auth.md5,
    ...(resource.database === undefined ? {} : { database: resource.database }),
    ...(resource.databases === undefined ? {} : { databases: resource.databases }),
    ...(resource.role === undefined ? {} : { role: resource.role }),
    life: { max_ms: session.max, idle_ms: session.idle, bindToToken: session.bindToToken },
    connectTimeout_ms: config.limits.targetConnectTimeout,
  })
}
