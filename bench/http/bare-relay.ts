import { readFileSync } from 'node:fs'
import type { TLSSocket } from 'node:tls'
import { connect, createServer } from 'node:tls'

/**
 * What the runtime alone costs: `node bare-relay.ts PORT TARGET CERTIFICATE KEY AUTHORITY` passes
 * requests and answers on between TLS connections, kept alive on both sides, and reads nothing but
 * where an answer ends. It judges and records nothing, and breaks on whatever the bench does not ask.
 */
const [port, target, certificate, key, authority] = process.argv.slice(2)
const ca = readFileSync(authority!)
const idle: TargetSide[] = []

interface TargetSide {
  readonly socket: TLSSocket
  client: TLSSocket | undefined
  /** Of the answer's body. */
  left: number
}

function dial(then: (side: TargetSide) => void): void {
  const socket = connect({ host: 'localhost', port: Number(target), ca }, () => then(side))
  const side: TargetSide = { socket, client: undefined, left: 0 }
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes: Buffer) => answered(side, bytes))
}

function answered(side: TargetSide, bytes: Buffer): void {
  const { client, socket } = side
  if (client === undefined) return
  side.left += bodyBytes(side.left, bytes)
  if (!client.write(bytes)) {
    socket.pause()
    client.once('drain', () => socket.resume())
  }
  if (side.left > 0) return
  side.client = undefined
  idle.push(side)
}

/** How many more bytes are to come now: less those that came, and more where a head says so. */
function bodyBytes(left: number, bytes: Buffer): number {
  if (left > 0) return -bytes.length
  const body = bytes.indexOf('\r\n\r\n') + 4
  const [, length] = /content-length: (\d+)/i.exec(bytes.toString('latin1', 0, body)) ?? []
  return Number(length) - (bytes.length - body)
}

createServer(
  { cert: readFileSync(certificate!), key: readFileSync(key!), noDelay: true },
  (client) => {
    client.on('error', () => client.destroy())
    client.on('data', (bytes: Buffer) => {
      const ask = (side: TargetSide): void => {
        side.client = client
        side.socket.write(bytes)
      }
      const side = idle.pop()
      if (side === undefined) dial(ask)
      else ask(side)
    })
  },
).listen(Number(port), '127.0.0.1')

process.once('SIGTERM', () => process.exit(0))
