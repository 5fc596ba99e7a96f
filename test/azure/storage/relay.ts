import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer, request as send } from 'node:https'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../../src/core/clock.ts'
import { silentLog } from '../../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../../src/listen/development-authority.ts'

/** Passes every request on to a port of this machine, once `before` has had its say. */
export interface Relay {
  readonly port: number
  close(): Promise<void>
}

export type Before = (method: string, target: string) => Promise<void>

/** Its certificate is of the development authority in the folder. */
export async function startRelay(folder: string, to: number, before: Before): Promise<Relay> {
  const files = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
  const ca = readFileSync(files.authorityFile)
  const tls = { cert: readFileSync(files.certificateFile), key: readFileSync(files.keyFile) }
  const server = createServer(tls, (request, response) => {
    void pass(request, to, ca, before).then(
      (answer) => {
        response.writeHead(answer.statusCode!, answer.rawHeaders)
        answer.pipe(response)
      },
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function pass(
  request: IncomingMessage,
  port: number,
  ca: Buffer,
  before: Before,
): Promise<IncomingMessage> {
  const { method = '', url = '', headers } = request
  await before(method, url)
  return await new Promise((resolve, reject) => {
    const sent = send({ host: '127.0.0.1', port, method, path: url, ca, headers }, resolve)
    sent.on('error', reject)
    request.pipe(sent)
  })
}
