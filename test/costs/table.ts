import { setTimeout as delay } from 'node:timers/promises'
import type { Way } from './ways.ts'
import { WAYS } from './ways.ts'
import type { World } from './world.ts'
import { startWorld } from './world.ts'

/**
 * `npm run bench:costs [-- PART-OF-A-NAME [SMALL LARGE]]`: for each way in and each shape, what a byte
 * that is sent costs while it is held, after its connection has closed, of the processor, and in
 * records; at two sizes, since what grows with the size is what matters.
 */

const CLOSED_MS = 50

interface Costs {
  readonly held: number
  readonly kept: number
  readonly cpu_us: number
  readonly records: number
}

async function costsOf(world: World, way: Way, bytes: number): Promise<Costs> {
  const before = (await world.measure()).bytes
  const recorded = await world.recorded()
  const peers = await way.send(world, bytes)
  const during = await world.measure()
  const records = (await world.recorded()) - recorded
  for (const { socket } of peers) socket.destroy()
  await delay(CLOSED_MS)
  const after = await world.measure()
  return {
    held: during.bytes - before,
    kept: after.bytes - before,
    cpu_us: during.cpu_us,
    records,
  }
}

const [part = '', small = '8192', large = '65536'] = process.argv.slice(2)
const sizes = [Number(small), Number(large)]
const tell = (text: string) => void process.stdout.write(`${text}\n`)
const world = await startWorld()
try {
  tell('| when | door | shape | memory | kept after | CPU µs | records |')
  tell('| --- | --- | --- | --- | --- | --- | --- |')
  for (const way of WAYS) {
    const name = `${way.when} | ${way.door} | ${way.shape}`
    if (!name.includes(part)) continue
    // The first time, code is compiled and buffers are made.
    await costsOf(world, way, 4096)
    const measured: Costs[] = []
    for (const bytes of sizes) measured.push(await costsOf(world, way, bytes))
    const cell = (value: (costs: Costs) => number) =>
      measured.map((costs, at) => (value(costs) / sizes[at]!).toFixed(2)).join(' → ')
    const cells = [cell((c) => c.held), cell((c) => c.kept), cell((c) => c.cpu_us)]
    tell(`| ${name} | ${cells.join(' | ')} | ${cell((c) => c.records)} |`)
  }
} finally {
  await world.stop()
}
