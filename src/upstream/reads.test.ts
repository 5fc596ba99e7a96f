import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { describe, test } from 'node:test'
import { dial } from './dial.ts'
import type { Lease } from './reads.ts'

const BYTES = 3_000_000

function numbered(seed: number): Buffer {
  const bytes = Buffer.alloc(BYTES)
  for (let at = 0; at < BYTES; at++) bytes[at] = (at * 7 + (at >> 8) + seed) % 251
  return bytes
}

/** Sends to each connection its own bytes, in pieces short and long, then ends. */
async function serving<V>(use: (port: number, sent: Buffer[]) => Promise<V>): Promise<V> {
  const sent: Buffer[] = []
  const server = createServer((socket) => {
    const bytes = numbered(sent.length)
    sent.push(bytes)
    let at = 0
    const next = () => {
      const end = Math.min(BYTES, at + (at % 3 === 0 ? 200_000 : 1000) + (at % 7))
      socket.write(bytes.subarray(at, end), () => (end < BYTES ? next() : socket.end()))
      at = end
    }
    socket.on('error', () => {})
    next()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await use((server.address() as AddressInfo).port, sent)
  } finally {
    server.close()
  }
}

function open(port: number): Promise<Socket> {
  const { signal } = new AbortController()
  return dial({ host: '127.0.0.1', port }, signal, { leased: true })
}

describe('a socket with leased reads', () => {
  test('gives each chunk as it came, kept or not, whatever other sockets read', async () => {
    await serving(async (port, sent) => {
      const read = async (keeps: (turn: number) => boolean) => {
        const socket = await open(port)
        const kept: Buffer[] = []
        let turn = 0
        socket.on('data', (chunk: Buffer, lease: Lease) => {
          const isKept = keeps(turn++)
          kept.push(isKept ? chunk : Buffer.from(chunk))
          lease.kept = isKept
        })
        socket.resume()
        await once(socket, 'end')
        socket.destroy()
        return Buffer.concat(kept)
      }
      const got = await Promise.all([read(() => true), read(() => false), read((n) => n % 2 === 0)])
      assert.deepEqual(
        got.map((bytes) => sent.some((each) => each.equals(bytes))),
        [true, true, true],
      )
    })
  })

  test('gives nothing while it is paused, and the rest afterwards', async () => {
    await serving(async (port, sent) => {
      const socket = await open(port)
      const kept: Buffer[] = []
      socket.on('data', (chunk: Buffer) => {
        assert.ok(!socket.isPaused())
        kept.push(chunk)
        socket.pause()
        setImmediate(() => setImmediate(() => socket.resume()))
      })
      socket.resume()
      await once(socket, 'end')
      socket.destroy()
      assert.ok(Buffer.concat(kept).equals(sent[0]!))
    })
  })
})
