import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { buildKubePrograms, findKubePrograms } from './programs.ts'

/**
 * `npm run test:kube-apiserver`: the tests that want Kubernetes' own API server, with what they need
 * built first. Where that cannot be had it says why and ends well, unless `--required` is given.
 */
const say = (text: string) => void process.stdout.write(`[kube-apiserver] ${text}\n`)
const missing = findKubePrograms() === undefined ? buildKubePrograms(say) : undefined

if (missing !== undefined) {
  say(`skipped: ${missing}`)
  process.exitCode = process.argv.includes('--required') ? 1 : 0
} else {
  const names = [
    'apiserver.test.ts',
    'masks.test.ts',
    'patches.test.ts',
    'readings.test.ts',
    'streams.test.ts',
  ]
  const files = names.map((name) => join(import.meta.dirname, name))
  const { status } = spawnSync(process.execPath, ['--test', ...files], { stdio: 'inherit' })
  process.exitCode = status ?? 1
}
