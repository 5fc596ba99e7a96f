import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../src/listen/development-authority.ts'
import { listenTcp } from '../../src/listen/tcp.ts'
import { openTls } from '../../src/listen/tls.ts'
import type { Greeting, GreetingOptions } from '../../src/protocol/postgres/signing-in/greeting.ts'
import { greet } from '../../src/protocol/postgres/signing-in/greeting.ts'

/** A door that greets whoever comes, for tests. */
export interface Door {
  readonly port: number
  readonly authorityFile: string
  /** The outcome of the connection that comes next. */
  next(): Promise<Greeting>
}

export async function openDoor(
  context: TestContext,
  options: Partial<GreetingOptions> & { readonly noTls?: boolean } = {},
): Promise<Door> {
  const folder = await mkdtemp(join(tmpdir(), 'chaperone-door-'))
  const files = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
  const tls = await openTls({ ...files, clock: systemClock, log: silentLog })
  const outcomes: Promise<Greeting>[] = []
  const waiting: ((outcome: Promise<Greeting>) => void)[] = []
  const listener = await listenTcp({
    host: '127.0.0.1',
    port: 0,
    log: silentLog,
    onConnection(socket) {
      const outcome = greet(socket, {
        plaintext: 'refuse',
        ...options,
        ...(options.noTls === true ? {} : { tls }),
      })
      outcome.catch(() => {})
      const waiter = waiting.shift()
      if (waiter === undefined) outcomes.push(outcome)
      else waiter(outcome)
    },
  })
  context.after(async () => {
    listener.close()
    listener.destroyConnections()
    tls.close()
    await rm(folder, { recursive: true })
  })
  return {
    port: listener.port,
    authorityFile: files.authorityFile,
    next() {
      const outcome = outcomes.shift()
      return outcome ?? new Promise((resolve) => waiting.push(resolve))
    },
  }
}

export async function connectTo(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  socket.on('error', () => {})
  return socket
}

/** Everything the socket still says, up to its end. */
export async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.resume()
  if (!socket.closed) await once(socket, 'close')
  return Buffer.concat(chunks)
}

export async function readSome(socket: Socket): Promise<Buffer> {
  socket.resume()
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  return chunk
}
