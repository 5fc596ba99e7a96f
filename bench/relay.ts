import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'

/**
 * The least that anything in this runtime costs: bytes from one socket to another, not looked at.
 * `node relay.ts PORT TARGET_PORT`, until it is killed.
 */
const [port, targetPort] = process.argv.slice(2).map(Number)
const loopback = { host: '127.0.0.1', noDelay: true }

function pass(from: Socket, to: Socket): void {
  from.on('data', (bytes) => {
    if (!to.write(bytes)) from.pause()
  })
  to.on('drain', () => from.resume())
  from.on('error', () => {})
  from.on('close', () => to.destroy())
}

createServer({ noDelay: true }, (client) => {
  const target = connect({ ...loopback, port: targetPort! })
  pass(client, target)
  pass(target, client)
}).listen(port, loopback.host)
