import { setTimeout as delay } from 'node:timers/promises'
import { WAYS } from './ways.ts'
import { startWorld } from './world.ts'

const [filter = '', small = '16384', large = '65536'] = process.argv.slice(2)
const world = await startWorld()
try {
  process.stdout.write(
    'when | door | shape | memory per byte small, large | after close | CPU us per byte small, large | record bytes per byte\n',
  )
  for (const way of WAYS) {
    const name = `${way.when} | ${way.door} | ${way.shape}`
    if (!name.includes(filter)) continue
    const cells: string[][] = [[], [], [], []]
    try {
      for (const bytes of [4096, Number(small), Number(large)]) {
        const before = await world.measure()
        const records = await world.recorded()
        const peers = await way.send(world, bytes)
        const during = await world.measure()
        const written = (await world.recorded()) - records
        for (const { socket } of peers) socket.destroy()
        await delay(50)
        const after = await world.measure()
        if (bytes === 4096) continue
        const per = (value: number) => (value / bytes).toFixed(2)
        cells[0]!.push(per(during.bytes - before.bytes))
        cells[1]!.push(per(after.bytes - before.bytes))
        cells[2]!.push(per(during.cpu_us))
        cells[3]!.push(per(written))
      }
      process.stdout.write(`${name} | ${cells.map((each) => each.join(', ')).join(' | ')}\n`)
    } catch (error) {
      process.stdout.write(`${name} | ${error instanceof Error ? error.message : ''}\n`)
    }
  }
} finally {
  await world.stop()
}
