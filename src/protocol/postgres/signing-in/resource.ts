import type { Socket } from 'node:net'
import { ChaperoneError } from '../../../core/errors.ts'
import type { Resource } from '../../../core/resource.ts'
import type { SessionLife } from '../../../session/governed.ts'
import type { CredentialSource } from '../../../upstream/credential-source.ts'
import type { TargetAddress } from '../../../upstream/dial.ts'
import type { TargetTls } from '../../../upstream/tls-modes.ts'
import { forwardCancel } from './cancel.ts'
import { connectTarget } from './target.ts'

export interface PostgresResourceOptions {
  readonly resource: Resource
  readonly address: TargetAddress
  readonly tls: TargetTls
  readonly user: string
  readonly credential: CredentialSource
  readonly md5: boolean
  /** The one database, whatever is asked for. */
  readonly database?: string
  /** What may be asked for; absent: any. */
  readonly databases?: readonly string[]
  /** Role of the session, with `{agent}` in place of the agent's name. */
  readonly role?: string
  readonly life: SessionLife
  readonly connectTimeout_ms: number
}

/** A PostgreSQL resource as the door sees it. */
export interface PostgresResource {
  readonly resource: Resource
  readonly life: SessionLife
  /** Throws RESOURCE_UNKNOWN. */
  databaseFor(asked: string): string
  connect(request: ConnectRequest): Promise<UpstreamSession>
}

export interface ConnectRequest {
  readonly database: string
  readonly agent: string
  /** Joins the target's own log to the records. */
  readonly tag: string
  readonly parameters: Readonly<Record<string, string>>
}

export interface UpstreamSession {
  readonly server: string
  readonly socket: Socket
  readonly settings: ReadonlyMap<string, string>
  readonly pid: number
  readonly role: string
  readonly searchPath: string
  readonly remainder: Buffer
  cancel(): Promise<void>
}

/** Resources that lead to one address have one server. */
export function serverOf({ host, port }: TargetAddress): string {
  return `${host.toLowerCase()}:${port}`
}

export function openPostgresResource(options: PostgresResourceOptions): PostgresResource {
  const { address, tls, user, resource } = options
  return {
    resource,
    life: options.life,
    databaseFor(asked) {
      const database = options.database ?? asked
      if (options.databases?.includes(database) ?? true) return database
      throw new ChaperoneError('RESOURCE_UNKNOWN', 'The resource does not offer this database.', {
        hint: 'Name one of the databases that the resource offers.',
      })
    },
    async connect({ database, agent, tag, parameters }) {
      const role = options.role?.replaceAll('{agent}', agent)
      const connection = await connectTarget({
        address,
        tls,
        database,
        user,
        credential: await options.credential.fetch(),
        applicationName: tag,
        parameters,
        ...(role === undefined ? {} : { role }),
        md5: options.md5,
        timeout_ms: options.connectTimeout_ms,
      })
      const { socket, pid, secret, remainder } = connection
      return {
        socket,
        pid,
        server: serverOf(address),
        remainder,
        settings: connection.parameters,
        searchPath: connection.searchPath,
        role: role ?? user,
        cancel: () => forwardCancel({ address, tls, pid, secret }),
      }
    },
  }
}
