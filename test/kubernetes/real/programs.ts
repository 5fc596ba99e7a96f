import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isOnPath } from '../../support/postgres-programs.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const SOURCE = join(import.meta.dirname, 'go')
/** Of this checkout, and outside of what is committed. */
const BUILT = join(ROOT, 'node_modules', '.cache', 'kube')

/** What CI can spare of its time; a second try goes on where the first one stopped. */
const BUILD_TIMEOUT_MS = 8 * 60_000

export interface KubePrograms {
  readonly apiserver: string
  readonly kubectl: string
  /** Of `go/kubelet`: the streams of one, made of Kubernetes' own code. */
  readonly kubelet: string
  readonly etcd: string
}

/** Kubernetes' own programs where they are built already, and etcd; undefined where one is missing. */
export function findKubePrograms(): KubePrograms | undefined {
  const apiserver = join(BUILT, 'apiserver')
  const kubectl = join(BUILT, 'kubectl')
  const kubelet = join(BUILT, 'kubelet')
  const there = [apiserver, kubectl, kubelet].every((program) => existsSync(program))
  return there && isOnPath('etcd') ? { apiserver, kubectl, kubelet, etcd: 'etcd' } : undefined
}

/**
 * Builds kube-apiserver, kubectl and a kubelet's streams from their Go modules: ten minutes on two cores the first time.
 * Returns why it cannot, where it cannot.
 */
export function buildKubePrograms(say: (text: string) => void): string | undefined {
  if (!isOnPath('go')) return 'go is not installed'
  if (!isOnPath('etcd')) {
    say('installing etcd-server with apt-get')
    const flags = ['install', '-y', '-q', '--no-install-recommends', 'etcd-server']
    spawnSync('apt-get', flags, { stdio: 'ignore' })
    if (!isOnPath('etcd')) return 'etcd is not installed (Debian package etcd-server)'
  }
  say(
    'building kube-apiserver, kubectl and the streams of a kubelet; this takes some minutes, and seconds the next time',
  )
  const words = [
    'build',
    '-trimpath',
    '-ldflags=-s -w',
    '-o',
    `${BUILT}/`,
    './apiserver',
    './kubectl',
    './kubelet',
  ]
  const { status } = spawnSync('go', words, {
    cwd: SOURCE,
    env: { ...process.env, CGO_ENABLED: '0' },
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: BUILD_TIMEOUT_MS,
  })
  return status === 0 ? undefined : 'go build failed, or took too long'
}
