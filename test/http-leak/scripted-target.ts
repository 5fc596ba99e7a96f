import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { createServer } from 'node:tls'

/** What the target says next, byte for byte. */
export interface Script {
  readonly pieces: readonly Buffer[]
  /** It closes afterwards: a body without a length ends so. */
  readonly closes: boolean
}

/** A target without any library that could mend what it is told to say. */
export interface ScriptedTarget {
  readonly port: number
  script: Script
  /** Requests that came, head and body. */
  readonly seen: string[]
  close(): Promise<void>
}

const NOTHING: Script = { pieces: [], closes: true }

export async function startScriptedTarget(tls: {
  readonly cert: Buffer
  readonly key: Buffer
}): Promise<ScriptedTarget> {
  const sockets = new Set<Socket>()
  const seen: string[] = []
  const server = createServer({ ...tls, noDelay: true }, (socket) => {
    let heard = ''
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1')
      const end = endOf(heard)
      if (end === undefined) return
      seen.push(heard.slice(0, end))
      heard = heard.slice(end)
      void play(socket, target.script)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const target: ScriptedTarget = {
    port: (server.address() as AddressInfo).port,
    script: NOTHING,
    seen,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return target
}

/** Where the request ends, once it is whole; the gateway gives every body a length here. */
function endOf(heard: string): number | undefined {
  const head = heard.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(heard.slice(0, head))?.[1] ?? 0)
  const end = head + 4 + length
  return heard.length < end ? undefined : end
}

async function play(socket: Socket, { pieces, closes }: Script): Promise<void> {
  for (const piece of pieces) {
    socket.write(piece)
    await turn()
  }
  if (closes) socket.end()
}
