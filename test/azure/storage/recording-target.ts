import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../../src/core/clock.ts'
import { silentLog } from '../../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../../src/listen/development-authority.ts'

/** A target that says yes to everything and remembers what it was asked. */
export interface RecordingTarget {
  readonly port: number
  readonly authorityFile: string
  /** `METHOD target`, oldest first. */
  readonly seen: string[]
  close(): Promise<void>
}

export async function startRecordingTarget(folder: string): Promise<RecordingTarget> {
  const files = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
  const seen: string[] = []
  const server = createServer(
    { cert: readFileSync(files.certificateFile), key: readFileSync(files.keyFile) },
    (request, response) => {
      seen.push(`${request.method} ${request.url}`)
      request.resume()
      request.on('end', () => response.writeHead(200, { 'content-length': '0' }).end())
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    authorityFile: files.authorityFile,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
