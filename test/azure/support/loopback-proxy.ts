import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'

/**
 * An HTTP proxy that connects every name to this machine (RFC 9110 section 9.3.6), for programs whose
 * resolver does not know names below `.localhost`. What goes through it stays TLS from end to end.
 */
export async function startLoopbackProxy(): Promise<{ url: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer((_, response) => response.writeHead(501).end())
  server.on('connect', (request, client: Socket, head: Buffer) => {
    const port = Number((request.url ?? '').split(':').at(-1))
    const target = connect({ host: '127.0.0.1', port }, () => {
      client.write('HTTP/1.1 200 Connected\r\n\r\n')
      target.write(head)
      target.pipe(client).pipe(target)
    })
    for (const socket of [client, target]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => sockets.delete(socket))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
