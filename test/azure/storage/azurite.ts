import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { systemClock } from '../../../src/core/clock.ts'
import { silentLog } from '../../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../../src/listen/development-authority.ts'

/** Azurite's account, which is the same everywhere and no secret. */
export const ACCOUNT = 'devstoreaccount1'
export const ACCOUNT_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

/** The three services, over TLS on ports of their own. */
export interface Azurite {
  readonly ports: { readonly blob: number; readonly queue: number; readonly table: number }
  /** PEM of the authority that signed its certificate. */
  readonly authority: string
  /** Its own, removed when it stops. */
  readonly folder: string
  stop(): Promise<void>
}

const LISTENING =
  /Azurite (Blob|Queue|Table) service is successfully listening at https:\/\/127\.0\.0\.1:(\d+)/g

export interface AzuriteOptions {
  /** Keep contents in files instead of in memory. */
  readonly onDisk?: boolean
}

/** Starts Azurite as a process; it takes any token that looks like one, and checks SharedKey. */
export async function startAzurite({ onDisk = false }: AzuriteOptions = {}): Promise<Azurite> {
  const folder = await mkdtemp(join(tmpdir(), 'chaperone-azurite-'))
  const tls = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
  const program = createRequire(import.meta.url).resolve('azurite/package.json')
  const ports = ['--blobPort', '0', '--queuePort', '0', '--tablePort', '0']
  const child = spawn(
    process.execPath,
    [
      join(dirname(program), 'dist/src/azurite.js'),
      ...ports,
      '--oauth',
      'basic',
      '--cert',
      tls.certificateFile,
      '--key',
      tls.keyFile,
      ...(onDisk ? ['--location', join(folder, 'data')] : ['--inMemoryPersistence']),
      '--skipApiVersionCheck',
      '--disableProductStyleUrl',
      '--disableTelemetry',
      '--silent',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder },
  )
  const killAtExit = () => child.kill('SIGKILL')
  process.once('exit', killAtExit)
  const stop = async () => {
    process.off('exit', killAtExit)
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    }
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const found = await listening(child.stdout, child)
    return { ports: found, authority: await readFile(tls.authorityFile, 'utf8'), folder, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function listening(
  output: NodeJS.ReadableStream,
  child: ReturnType<typeof spawn>,
): Promise<Azurite['ports']> {
  let text = ''
  return await new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`Azurite ended: ${text}`)))
    output.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const ports = Object.fromEntries(
        [...text.matchAll(LISTENING)].map((match) => [match[1]!.toLowerCase(), Number(match[2])]),
      )
      const { blob, queue, table } = ports
      if (blob !== undefined && queue !== undefined && table !== undefined) {
        resolve({ blob, queue, table })
      }
    })
  })
}
