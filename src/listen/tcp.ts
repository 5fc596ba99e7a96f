import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { ChaperoneError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { peerAddress } from './address.ts'
import { CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX, KEEP_ALIVE_MS } from './limits.ts'
import { createPlaces } from './places.ts'

export interface TcpOptions {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  readonly log: Log
  /**
   * The socket comes paused. What this throws or rejects with closes the socket, nothing else.
   * `known` is to be called once the peer has proven who it is: until then a newer connection may
   * take its place.
   */
  onConnection(socket: Socket, known: () => void): void | Promise<void>
  readonly connectionsMax?: number
  readonly perAddressMax?: number
}

export interface TcpListener {
  readonly host: string
  readonly port: number
  readonly connections: number
  /** Stops accepting; what is open stays open. */
  close(): void
  /** Cuts what is still open. */
  destroyConnections(): void
}

/** Listens, and keeps one peer's trouble from the others. Rejects with CONFIG_INVALID. */
export async function listenTcp(options: TcpOptions): Promise<TcpListener> {
  const { log } = options
  const open = new Set<Socket>()
  const places = createPlaces({
    connectionsMax: options.connectionsMax ?? CONNECTIONS_MAX,
    perAddressMax: options.perAddressMax ?? CONNECTIONS_PER_ADDRESS_MAX,
  })
  const server = createServer({
    pauseOnConnect: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  })

  server.on('connection', (socket) => {
    const client = peerAddress(socket)
    socket.on('error', (error) => log.debug('connection.error', { client, error: error.message }))
    const place = places.enter(client, () => {
      log.debug('connection.evicted', { client })
      socket.destroy()
    })
    if (place === undefined) {
      log.warn('connection.refused', { client, reason: 'too many connections' })
      socket.destroy()
      return
    }
    open.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      place.leave()
    })
    void handle(options, socket, () => place.keep())
  })
  await listening(server, options)
  server.on('error', (error) => log.error('listener.error', { error: error.message }))

  const address = server.address() as AddressInfo
  return {
    host: address.address,
    port: address.port,
    get connections() {
      return open.size
    },
    close: () => void server.close(),
    destroyConnections: () => {
      for (const socket of open) socket.destroy()
    },
  }
}

async function handle(options: TcpOptions, socket: Socket, known: () => void): Promise<void> {
  try {
    await options.onConnection(socket, known)
  } catch (error) {
    options.log.error('connection.failed', {
      client: peerAddress(socket),
      error: error instanceof Error ? error.message : 'unknown',
    })
    socket.destroy()
  }
}

function listening(server: ReturnType<typeof createServer>, options: TcpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: Error) => {
      const what = `Cannot listen on ${options.host}:${options.port}.`
      reject(
        new ChaperoneError('CONFIG_INVALID', what, {
          cause,
          hint: 'Choose a free port and an address of this machine.',
        }),
      )
    }
    server.once('error', refuse)
    server.listen({ host: options.host, port: options.port }, () => {
      server.off('error', refuse)
      resolve()
    })
  })
}
