import { X509Certificate } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import { asChaperoneError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Certified, Validity } from './certificates.ts'
import { createAuthority, issueServerCertificate } from './certificates.ts'
import { AUTHORITY_DAYS, CERTIFICATE_DAYS, CERTIFICATE_RENEW_DAYS } from './limits.ts'
import type { TlsFiles } from './tls.ts'

export interface DevelopmentAuthority extends TlsFiles {
  /** What clients trust: `sslrootcert`, `NODE_EXTRA_CA_CERTS`. */
  readonly authorityFile: string
  /** Issues a new server certificate when the present one nears its end; `openTls` takes it over. */
  renewWhenDue(): Promise<void>
}

export interface AuthorityOptions {
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
  /** Names beside this machine's own, such as `sales-db.localhost`. A new one gets a new certificate. */
  readonly names?: readonly string[]
}

/** Node and OpenSSL take no wildcard directly below a top-level name, so give `*.localhost` names one by one too. */
const OWN_NAMES = ['localhost', '*.localhost', '127.0.0.1', '::1']
const DAY_MS = 86_400_000
/** Clocks of other machines may be a little behind. */
const BACKDATE_MS = 3_600_000

/**
 * Certificates for a first start, where nobody brought any: an authority of this installation alone
 * and a server certificate from it. What is in the folder and still good is used again. Keys are
 * readable by their owner alone. Rejects with CONFIG_UNREADABLE.
 */
export async function openDevelopmentAuthority(
  options: AuthorityOptions,
): Promise<DevelopmentAuthority> {
  const files = {
    authorityFile: join(options.folder, 'ca.crt'),
    certificateFile: join(options.folder, 'server.crt'),
    keyFile: join(options.folder, 'server.key'),
  }
  const renewWhenDue = async () => {
    try {
      await mkdir(options.folder, { recursive: true, mode: 0o755 })
      await renew(options, files, join(options.folder, 'ca.key'))
    } catch (error) {
      const what = `The development certificates in ${options.folder} cannot be kept.`
      const hint = 'Make the folder writable, or configure a certificate and key.'
      throw asChaperoneError(error, 'CONFIG_UNREADABLE', what, hint)
    }
  }
  await renewWhenDue()
  return { ...files, renewWhenDue }
}

async function renew(
  { clock, log, names: more = [] }: AuthorityOptions,
  files: Omit<DevelopmentAuthority, 'renewWhenDue'>,
  authorityKeyFile: string,
): Promise<void> {
  const now_ms = clock.now_ms()
  const names = [...new Set([...OWN_NAMES, ...more])]
  const known = await readCertified(files.authorityFile, authorityKeyFile)
  const keep = known !== undefined && isGood(known, now_ms + CERTIFICATE_DAYS * DAY_MS)
  const authority = keep
    ? known
    : await createAuthority(AUTHORITY_NAME, validity(now_ms, AUTHORITY_DAYS))
  if (!keep) {
    await writeCertified(authority, files.authorityFile, authorityKeyFile)
    log.warn('tls.development-authority-created', { authority: files.authorityFile })
  }
  const server = await readCertified(files.certificateFile, files.keyFile)
  const due_ms = now_ms + CERTIFICATE_RENEW_DAYS * DAY_MS
  if (server !== undefined && isGood(server, due_ms) && isFor(server, authority, names)) return
  await writeCertified(
    await issueServerCertificate(authority, names, validity(now_ms, CERTIFICATE_DAYS)),
    files.certificateFile,
    files.keyFile,
  )
  log.info('tls.development-certificate-issued', {
    certificate: files.certificateFile,
    names: names.join(' '),
  })
}

const AUTHORITY_NAME = 'chaperone development authority'

function validity(now_ms: number, days: number): Validity {
  return { from_ms: now_ms - BACKDATE_MS, to_ms: now_ms + days * DAY_MS }
}

async function readCertified(certificateFile: string, keyFile: string) {
  try {
    const [certificate, key] = await Promise.all([
      readFile(certificateFile, 'utf8'),
      readFile(keyFile, 'utf8'),
    ])
    return { certificate, key } satisfies Certified
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function isGood(certified: Certified, until_ms: number): boolean {
  try {
    return Date.parse(new X509Certificate(certified.certificate).validTo) > until_ms
  } catch {
    return false
  }
}

function isFor(server: Certified, authority: Certified, names: readonly string[]): boolean {
  const certificate = new X509Certificate(server.certificate)
  return (
    certificate.verify(new X509Certificate(authority.certificate).publicKey) &&
    names.every((name) => (certificate.subjectAltName ?? '').split(', ').includes(shown(name)))
  )
}

/** As Node shows it; `::1` in full. */
function shown(name: string): string {
  if (isIP(name) === 0) return `DNS:${name}`
  return `IP Address:${name === '::1' ? '0:0:0:0:0:0:0:1' : name}`
}

async function writeCertified(certified: Certified, certificateFile: string, keyFile: string) {
  await replaceFile(keyFile, certified.key, 0o600)
  await replaceFile(certificateFile, certified.certificate, 0o644)
}

async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const fresh = `${path}.new`
  await writeFile(fresh, text, { mode })
  await rename(fresh, path)
}
