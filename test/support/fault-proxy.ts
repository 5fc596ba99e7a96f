import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import type { Between } from '../world/postgres.ts'

/** Tells, before a chunk passes, whether its connection dies now without a word. */
export type Fault = (chunk: Buffer, from: 'gateway' | 'target', chunks: number) => boolean

/**
 * A wire between the gateway and its target that can go dead: nothing passes, nothing is read,
 * nothing is closed. To each side the other looks alive, and says nothing.
 */
export interface FaultProxy extends Between {
  /** For `between` of a bench. */
  readonly before: (server: { readonly port: number }) => Promise<Between>
  /** Connections that the gateway has open. */
  readonly connections: number
  /** Applies to connections from now on. */
  setFault(fault: Fault | undefined): void
  /** All wires go dead, and new ones are. */
  freeze(): void
  /** What was held back passes; connections that a fault killed stay dead. */
  thaw(): void
  /** Resets every connection on both sides. */
  reset(): void
}

interface Wire {
  readonly near: Socket
  readonly far: Socket
  dead: boolean
}

export async function openFaultProxy(): Promise<FaultProxy> {
  const wires = new Set<Wire>()
  let targetPort = 0
  let fault: Fault | undefined
  let frozen = false

  const server = createServer({ pauseOnConnect: true, noDelay: true }, (near) => {
    const far = connect({ port: targetPort, host: '127.0.0.1', noDelay: true })
    const wire: Wire = { near, far, dead: false }
    wires.add(wire)
    join(wire, fault)
    if (frozen) far.pause()
    else near.resume()
  })

  function join(wire: Wire, mine: Fault | undefined): void {
    let chunks = 0
    const pass = (from: Socket, to: Socket, side: 'gateway' | 'target') => {
      from.on('data', (chunk: Buffer) => {
        chunks += 1
        if (mine?.(chunk, side, chunks) === true) kill(wire)
        if (wire.dead) return
        if (!to.write(chunk)) from.pause()
      })
      to.on('drain', () => {
        if (!frozen && !wire.dead) from.resume()
      })
      from.on('end', () => to.end())
      from.on('error', () => to.destroy())
      from.on('close', () => {
        to.destroy()
        wires.delete(wire)
      })
    }
    pass(wire.near, wire.far, 'gateway')
    pass(wire.far, wire.near, 'target')
  }

  function kill(wire: Wire): void {
    wire.dead = true
    wire.near.pause()
    wire.far.pause()
  }

  await once(server.listen(0, '127.0.0.1'), 'listening')
  const proxy: FaultProxy = {
    port: (server.address() as AddressInfo).port,
    before(target) {
      targetPort = target.port
      return Promise.resolve(proxy)
    },
    get connections() {
      return wires.size
    },
    setFault(next) {
      fault = next
    },
    freeze() {
      frozen = true
      for (const { near, far } of wires) for (const socket of [near, far]) socket.pause()
    },
    thaw() {
      frozen = false
      for (const { near, far, dead } of wires) {
        if (!dead) for (const socket of [near, far]) socket.resume()
      }
    },
    reset() {
      for (const { near, far } of wires) for (const socket of [near, far]) socket.resetAndDestroy()
    },
    async close() {
      for (const { near, far } of wires) for (const socket of [near, far]) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}
