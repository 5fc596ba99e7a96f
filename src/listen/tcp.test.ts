import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { Log } from '../core/log.ts'
import { silentLog } from '../core/log.ts'
import type { TcpOptions } from './tcp.ts'
import { listenTcp } from './tcp.ts'

async function listen(context: TestContext, options: Partial<TcpOptions> = {}) {
  const listener = await listenTcp({
    host: '127.0.0.1',
    port: 0,
    log: silentLog,
    onConnection: (socket) => void socket.end('hello'),
    ...options,
  })
  context.after(() => {
    listener.close()
    listener.destroyConnections()
  })
  return listener
}

/** What the listener says before it closes. */
async function hear(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let heard = ''
  socket.on('error', () => {})
  socket.on('data', (chunk) => (heard += chunk.toString()))
  await once(socket, 'close')
  return heard
}

test('a free port is taken and told', async (context) => {
  const listener = await listen(context)
  assert.equal(listener.host, '127.0.0.1')
  assert.equal(await hear(listener.port), 'hello')
})

test("one connection's trouble is its own", async (context) => {
  const errors: string[] = []
  const log: Log = { ...silentLog, error: (event) => errors.push(event) }
  const troubles = [
    () => {
      throw new Error('thrown')
    },
    () => Promise.reject(new Error('rejected')),
    (socket: Socket) => void socket.destroy(new Error('emitted')),
    (socket: Socket) => void socket.end('hello'),
  ]
  const listener = await listen(context, {
    log,
    onConnection: (socket) => troubles.shift()!(socket),
  })
  assert.equal(await hear(listener.port), '')
  assert.equal(await hear(listener.port), '')
  assert.equal(await hear(listener.port), '')
  assert.equal(await hear(listener.port), 'hello')
  assert.deepEqual(errors, ['connection.failed', 'connection.failed'])
})

test('bounds hold, for all and for one address, and places are given back', async (context) => {
  for (const bound of [{ connectionsMax: 2 }, { perAddressMax: 2 }]) {
    const held: Socket[] = []
    const listener = await listen(context, {
      ...bound,
      onConnection: (socket, known) => {
        known()
        held.push(socket)
        socket.write('in')
        socket.resume()
      },
    })
    const clients = [1, 2].map(() => connect(listener.port, '127.0.0.1'))
    for (const client of clients) await once(client, 'data')
    assert.equal(listener.connections, 2)
    assert.equal(await hear(listener.port), '')

    const gone = once(held[0]!, 'close')
    held[0]!.destroy()
    await gone
    const next = connect(listener.port, '127.0.0.1')
    assert.equal(String((await once(next, 'data'))[0]), 'in')
    for (const client of [...clients, next]) client.destroy()
  }
})

test('after close nobody new comes in, and who is in stays', async (context) => {
  const listener = await listen(context, {
    onConnection: (socket) => void socket.resume().write('in'),
  })
  const inside = connect(listener.port, '127.0.0.1')
  await once(inside, 'data')
  listener.close()
  const late = connect(listener.port, '127.0.0.1')
  const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException]
  assert.equal(error.code, 'ECONNREFUSED')
  assert.equal(listener.connections, 1)
  listener.destroyConnections()
  inside.on('error', () => {})
  await once(inside, 'close')
})

test('a port that is taken is CONFIG_INVALID', async (context) => {
  const { port } = await listen(context)
  await assert.rejects(listen(context, { port }), { code: 'CONFIG_INVALID' })
})
