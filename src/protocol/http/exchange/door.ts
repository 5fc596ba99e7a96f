import type { Socket } from 'node:net'
import { peerAddress } from '../../../listen/address.ts'
import type { TlsAcceptor } from '../../../listen/tls.ts'
import { H1Connection } from '../codec/client-h1.ts'
import { H2Connection } from '../codec/client-h2.ts'
import type { ConnectionOptions } from '../codec/client-side.ts'
import { unreadableAnswer } from '../codec/local-answer.ts'
import { createWriteBuffers } from '../codec/write-buffers.ts'
import { whenReady } from '../ready.ts'
import { Exchange } from './exchange.ts'
import type { ExchangeHost } from './host.ts'
import type { HttpSessions } from './sessions.ts'

export interface HttpDoor {
  readonly tls: TlsAcceptor
  readonly handshakeTimeout_ms: number
  readonly exchanges: ExchangeHost
}

const PROTOCOLS = ['h2', 'http/1.1']

/** Connections of the door. */
export interface HttpConnections {
  /** Serves one accepted connection; `known` is called once its peer is. Never rejects. */
  serve(socket: Socket, known: () => void): Promise<void>
  /** Closes what is idle, and the rest after the answers that are under way. */
  retire(): void
}

export function createHttpConnections(door: HttpDoor): HttpConnections {
  const open = new Set<{ retire(): void }>()
  const buffers = createWriteBuffers()

  function serve(socket: Socket, address: string, version: 'h1' | 'h2', known: () => void): void {
    const sessions = telling(door.exchanges.sessions, known)
    const exchanges = { ...door.exchanges, sessions }
    const options: ConnectionOptions = {
      address,
      buffers,
      strangers: door.exchanges.host.memory.strangers,
      deadlines: door.exchanges.deadlines,
      request(wire, client) {
        const exchange = new Exchange(exchanges, client, wire)
        exchange.start()
        return exchange
      },
      unreadable(error) {
        door.exchanges.refused(error, { clientAddress: address })
        return unreadableAnswer(error)
      },
      closed: () => void open.delete(connection),
    }
    const connection =
      version === 'h2' ? new H2Connection(socket, options) : new H1Connection(socket, options)
    open.add(connection)
  }

  return {
    async serve(socket, known) {
      const address = peerAddress(socket)
      const signal = AbortSignal.timeout(door.handshakeTimeout_ms)
      const secured = await door.tls.accept(socket, PROTOCOLS, signal).catch(() => undefined)
      if (secured === undefined) return
      serve(secured, address, secured.alpnProtocol === 'h2' ? 'h2' : 'h1', known)
    },
    retire() {
      for (const one of open) one.retire()
    },
  }
}

/** Sessions of one connection: `known` hears that somebody on it has proven who it is. */
function telling(sessions: HttpSessions, known: () => void): HttpSessions {
  return {
    ...sessions,
    find(authorization, endpoint, caller) {
      const found = sessions.find(authorization, endpoint, caller)
      whenReady(found, known, () => {})
      return found
    },
  }
}
