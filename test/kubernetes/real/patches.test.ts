import { readFile } from 'node:fs/promises'
import { after } from 'node:test'
import { PATCH_POLICY, patchCases, PATCHED } from '../patch-cases.ts'
import { findKubePrograms } from './programs.ts'
import type { RealWorld } from './world.ts'
import { startRealWorld } from './world.ts'

/** Patches to Kubernetes' own API server. */

const programs = findKubePrograms()
let world: RealWorld | undefined
after(() => world?.stop())

patchCases(
  async () => {
    world = await startRealWorld(programs!, PATCH_POLICY, JSON.stringify(PATCHED))
    const { bench, cluster, token } = world
    const ca = await readFile(cluster.caFile, 'utf8')
    return {
      direct: { port: cluster.port, ca, prefix: '', token: cluster.adminToken },
      through: { port: bench.port, ca: bench.authority, prefix: '/k8s-prod', token },
    }
  },
  programs === undefined && 'kube-apiserver is not built: npm run test:kube-apiserver',
)
