import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Peer } from './peer.ts'
import { WAYS } from './ways.ts'
import type { World } from './world.ts'
import { startWorld } from './world.ts'

/**
 * What a byte costs that comes in the worst shape that was found, on each way in: the difference of two
 * sizes, so that a figure that grows with the size fails, and what is there once does not count.
 * `npm run bench:costs` shows all ways, and the processor's time, which depends on the machine.
 */

const SMALL_BYTES = 4_096
const LARGE_BYTES = 32_768

let world: World
before(async () => {
  world = await startWorld()
})
after(() => world.stop())

for (const way of WAYS) {
  const { when, door, shape, max } = way
  if (max === undefined) continue
  test(`${when}, ${door}: ${shape}`, async () => {
    const peers: Peer[] = []
    const held: number[] = []
    const written: number[] = []
    try {
      for (const bytes of [SMALL_BYTES, LARGE_BYTES]) {
        const before = (await world.measure()).bytes
        const records = await world.recorded()
        peers.push(...(await way.send(world, bytes)))
        held.push((await world.measure()).bytes - before)
        written.push((await world.recorded()) - records)
      }
    } finally {
      for (const { socket } of peers) socket.destroy()
    }
    const perByte = ([small = 0, large = 0]: readonly number[]) =>
      (large - small) / (LARGE_BYTES - SMALL_BYTES)
    assert.ok(perByte(held) <= max.memory, `${perByte(held)} bytes of memory for each`)
    const recorded = perByte(written)
    assert.ok(recorded <= (max.records ?? 1), `${recorded} bytes of records for each`)
  })
}
