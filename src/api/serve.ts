import { once } from 'node:events'
import type { Server } from 'node:http'
import { createServer as createHttpServer } from 'node:http'
import type { Server as TlsServer, ServerOptions as TlsServerOptions } from 'node:https'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Http2Bindings, HttpBindings } from '@hono/node-server'
import { createAdaptorServer } from '@hono/node-server'
import { ChaperoneError } from '../core/errors.ts'
import { peerAddress } from '../listen/address.ts'
import type { Place } from '../listen/places.ts'
import { createPlaces } from '../listen/places.ts'
import {
  CONNECTIONS_MAX,
  CONNECTIONS_PER_ADDRESS_MAX,
  HEADER_BYTES_MAX,
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  REQUEST_TIMEOUT_MS,
} from './limits.ts'

export interface ServeOptions {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Absent: plain HTTP, for loopback alone. */
  readonly tls?: ServeTls
}

export type ServeTls = Pick<TlsServerOptions, 'cert' | 'key'>

export interface ApiServer {
  readonly port: number
  /** Takes over another certificate; for servers with TLS. */
  renew(tls: ServeTls): void
  /** Ends idle connections at once and waits for answers that are under way, at most so long. */
  close(drain_ms: number): Promise<void>
}

interface Fetching {
  fetch(request: Request, env: object): Response | Promise<Response>
}

/** Listens for an app. Rejects with CONFIG_INVALID when the address cannot be had. */
export async function serveApi(app: Fetching, options: ServeOptions): Promise<ApiServer> {
  const limits = {
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  }
  const places = createPlaces({
    connectionsMax: CONNECTIONS_MAX,
    perAddressMax: CONNECTIONS_PER_ADDRESS_MAX,
  })
  const taken = new Map<string, Place>()
  const fetch = (request: Request, env: HttpBindings | Http2Bindings) => {
    const known = () => taken.get(nameOf(env.incoming.socket))?.keep()
    return app.fetch(request, { ...env, known })
  }
  const server = createAdaptorServer({
    fetch,
    overrideGlobalObjects: false,
    ...(options.tls === undefined
      ? { createServer: createHttpServer, serverOptions: limits }
      : {
          createServer: createHttpsServer,
          serverOptions: {
            ...limits,
            ...options.tls,
            minVersion: 'TLSv1.2',
            handshakeTimeout: HEADERS_TIMEOUT_MS,
          },
        }),
  }) as Server
  // Below TLS: who says nothing at all has a place, too.
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket)
    const place = places.enter(peerAddress(socket), () => socket.destroy())
    if (place === undefined) {
      socket.destroy()
      return
    }
    taken.set(name, place)
    socket.once('close', () => {
      taken.delete(name)
      place.leave()
    })
  })
  await listening(server, options)
  return {
    port: (server.address() as AddressInfo).port,
    renew: (tls) => (server as TlsServer).setSecureContext({ ...tls, minVersion: 'TLSv1.2' }),
    close: (drain_ms) => close(server, drain_ms),
  }
}

/** A connection's name, at TLS and below it. */
function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}

async function listening(server: Server, { host, port }: ServeOptions): Promise<void> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new ChaperoneError('CONFIG_INVALID', `Cannot listen on ${host}:${port}.`, {
      cause,
      hint: 'Choose a free port and an address of this machine.',
    })
  }
}

async function close(server: Server, drain_ms: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), drain_ms)
  await closed
  clearTimeout(timer)
}
