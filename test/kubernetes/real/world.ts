import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { HttpWorld } from '../../world/http.ts'
import { startHttpWorld } from '../../world/http.ts'
import { inTerminal } from '../in-terminal.ts'
import type { KubePrograms } from './programs.ts'
import type { ApiServer } from './server.ts'
import { startApiServer } from './server.ts'

/** Kubernetes' own API server as the resource `k8s-prod` behind a gateway, and its own kubectl. */
export interface RealWorld {
  readonly cluster: ApiServer
  readonly bench: HttpWorld
  readonly token: string
  /** As somebody who may do everything, past the gateway. */
  asAdmin(...words: readonly string[]): Promise<Ran>
  /** As the agent, through the gateway. */
  kubectl(...words: readonly string[]): Promise<Ran>
  /** The same, still running. */
  start(...words: readonly string[]): ChildProcessWithoutNullStreams
  startInTerminal(...words: readonly string[]): ChildProcessWithoutNullStreams
  /** Writes a file for kubectl, and returns its path. */
  file(name: string, text: string): Promise<string>
  stop(): Promise<void>
}

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** The gateway may impersonate and nothing else; agents may do what the policies let through. */
const ROLES = `
apiVersion: v1
kind: Namespace
metadata: { name: prod }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: gateway-impersonates }
rules:
  - { apiGroups: [''], resources: [users, groups], verbs: [impersonate] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: gateway-impersonates }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: gateway-impersonates }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: chaperone-gateway }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: agents }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: Group, name: chaperone-agents }]
---
`

/** `seed` is YAML that is applied before anything is asked; the namespace `prod` is there. */
export async function startRealWorld(
  programs: KubePrograms,
  policy: string,
  seed: string,
): Promise<RealWorld> {
  const cluster = await startApiServer(programs)
  let bench: HttpWorld | undefined
  try {
    bench = await startHttpWorld({
      policy,
      environment: { CHAPERONE_TEST_KUBE_TOKEN: cluster.gatewayToken },
      resources: `
  - name: k8s-prod
    type: kubernetes
    address: 127.0.0.1:${cluster.port}
    tls: { ca: ${cluster.caFile} }
    credential: { from: environment, variable: CHAPERONE_TEST_KUBE_TOKEN }
    impersonate: { groups: [chaperone-agents] }
`,
    })
    const world = await worldOf(programs, cluster, bench)
    const path = await world.file('seed.yaml', ROLES + seed)
    await until(async () => (await world.asAdmin('apply', '-f', path)).code === 0)
    await until(async () => (await world.kubectl('auth', 'whoami')).code === 0)
    return world
  } catch (error) {
    await bench?.stop()
    await cluster.stop()
    throw error
  }
}

async function worldOf(
  programs: KubePrograms,
  cluster: ApiServer,
  bench: HttpWorld,
): Promise<RealWorld> {
  const token = await bench.token()
  const to = (server: string, ca: string, secret: string) => [
    `--server=${server}`,
    `--certificate-authority=${ca}`,
    `--token=${secret}`,
  ]
  const asAgent = to(`https://127.0.0.1:${bench.port}/k8s-prod`, bench.authorityFile, token)
  const asAdmin = to(`https://127.0.0.1:${cluster.port}`, cluster.caFile, cluster.adminToken)
  const at = (home: string) => ({
    env: { HOME: join(bench.folder, home), PATH: process.env['PATH'] },
  })
  const { kubectl } = programs
  const start = (...words: readonly string[]) => spawn(kubectl, [...asAgent, ...words], at('agent'))
  return {
    cluster,
    bench,
    token,
    asAdmin: (...words) => ran(spawn(kubectl, [...asAdmin, ...words], at('admin'))),
    kubectl: (...words) => ran(start(...words)),
    start,
    startInTerminal: (...words) => inTerminal([kubectl, ...asAgent, ...words], at('agent')),
    async file(name, text) {
      const path = join(bench.folder, name)
      await writeFile(path, text)
      return path
    },
    async stop() {
      await bench.stop()
      await cluster.stop()
    },
  }
}

/** Waits for its end; it gets no input. */
function ran(child: ChildProcessWithoutNullStreams): Promise<Ran> {
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (err += text))
  child.stdin.end()
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code: code ?? 1, out, err }))
  })
}

/** The cluster takes a moment to know its new roles. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries++) {
    if (tries >= 50) throw new Error('the cluster does not get ready')
    await delay(200)
  }
}
