import { dirname, join } from 'node:path'
import type { Config, ResourceConfig } from '../config/schema.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import { openDevelopmentAuthority } from '../listen/development-authority.ts'
import type { TlsAcceptor, TlsPair } from '../listen/tls.ts'
import { openTls } from '../listen/tls.ts'

const DAY_MS = 86_400_000

export interface WiredTls {
  readonly acceptor: TlsAcceptor
  /** Of the development authority, where one is used: what clients trust. */
  readonly authorityFile?: string
  close(): void
}

/** What clients on this machine call a resource. */
function namesOf(resource: ResourceConfig): string[] {
  const own = `${resource.name}.localhost`
  if (resource.type === 'postgres') return [own]
  if (resource.type !== 'azure-storage') return [own, ...(resource.hosts ?? [])]
  return Object.entries(resource.services).flatMap(([service, { hosts }]) => [
    `${resource.name}.${service}.localhost`,
    ...(hosts ?? []),
  ])
}

export type ListenTls = Config['listen']['postgres']['tls']

/** The certificate of a door: from files, or from a development authority beside the state file. */
export async function wireTls(
  tls: ListenTls,
  config: Config,
  clock: Clock,
  log: Log,
  onReload: (pair: TlsPair) => void,
): Promise<WiredTls> {
  if (!tls.developmentAuthority) {
    const files = { certificateFile: tls.certificate, keyFile: tls.key }
    const acceptor = await openTls({ ...files, clock, log, onReload })
    return { acceptor, close: () => acceptor.close() }
  }
  const folder = join(dirname(config.state.file), 'development-authority')
  const names = config.resources.flatMap(namesOf)
  const authority = await openDevelopmentAuthority({ folder, clock, log, names })
  const acceptor = await openTls({ ...authority, clock, log, onReload })
  const renewal = setInterval(() => {
    authority.renewWhenDue().catch((error: unknown) => {
      log.error('tls.renewal-failed', { error: String(error) })
    })
  }, DAY_MS)
  renewal.unref()
  return {
    acceptor,
    authorityFile: authority.authorityFile,
    close: () => {
      clearInterval(renewal)
      acceptor.close()
    },
  }
}
