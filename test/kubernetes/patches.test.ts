import { after } from 'node:test'
import { PATCH_POLICY, patchCases, PATCHED } from './patch-cases.ts'
import type { World } from './world.ts'
import { startWorld } from './world.ts'

/** Patches to the emulator: it must read them as the real thing does (`real/patches.test.ts`). */

let world: World | undefined
after(() => world?.stop())

patchCases(async () => {
  world = await startWorld(PATCH_POLICY)
  world.cluster.add('configmaps', PATCHED)
  return world
}, false)
