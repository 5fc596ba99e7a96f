import { after } from 'node:test'
import { frameCases } from './frame-cases.ts'
import { STREAM_POLICY } from './stream-cases.ts'
import type { World } from './world.ts'
import { startWorld } from './world.ts'

/** Frames by hand, to the emulator: it must read them as the real thing does (`real/streams.test.ts`). */

let world: World | undefined
after(() => world?.stop())

frameCases(async () => {
  world = await startWorld(STREAM_POLICY)
  return world
}, false)
