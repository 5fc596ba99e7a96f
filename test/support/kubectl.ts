import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isOnPath } from './postgres-programs.ts'

/** Built by `npm run test:kube-apiserver`. */
const BUILT = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'kube', 'kubectl')

/** Older ones stream over SPDY, which is refused. */
const MINOR_MIN = 31

/** A kubectl that streams over WebSockets, and why there is none. */
export function findKubectl(): { readonly path: string } | { readonly missing: string } {
  if (existsSync(BUILT)) return { path: BUILT }
  const path = 'kubectl'
  if (!isOnPath(path)) return { missing: 'kubectl is not installed' }
  const said = execFileSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' })
  const minor = parseInt(/"minor":\s*"(\d+)/.exec(said)?.[1] ?? '', 10)
  if (minor >= MINOR_MIN) return { path }
  return { missing: `kubectl is older than 1.${MINOR_MIN}` }
}
