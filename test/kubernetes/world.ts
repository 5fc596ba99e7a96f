import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LOG, SEED } from '../../emulator/kubernetes/seed.ts'
import type { KubernetesEmulator } from '../../emulator/kubernetes/server.ts'
import { startKubernetesEmulator } from '../../emulator/kubernetes/server.ts'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../src/listen/development-authority.ts'
import type { HttpWorld } from '../world/http.ts'
import { startHttpWorld } from '../world/http.ts'
import type { Reach } from './raw-stream.ts'

export const TARGET_TOKEN = 'target-secret'

/** A seeded emulator as the resource `k8s-prod` behind a gateway. */
export interface World {
  readonly cluster: KubernetesEmulator
  readonly bench: HttpWorld
  readonly token: string
  /** Past the gateway. */
  readonly direct: Reach
  readonly through: Reach
  /** One request of the agent's, as no client library would send it. */
  ask(line: string, sent?: Sent): Promise<Answer>
  stop(): Promise<void>
}

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** Says nothing of its body's type. */
  readonly untyped?: true
}

export interface Answer {
  readonly status: number
  readonly type: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export async function startWorld(policy: string): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'chaperone-kubernetes-'))
  const tls = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
  const [key, cert] = [await readFile(tls.keyFile), await readFile(tls.certificateFile)]
  const cluster = await startKubernetesEmulator({ tls: { key, cert }, token: TARGET_TOKEN })
  for (const [resource, object] of SEED) cluster.add(resource, object)
  for (const line of LOG) cluster.logs.write(line)
  const bench = await startHttpWorld({
    policy,
    environment: { CHAPERONE_TEST_KUBE_TOKEN: TARGET_TOKEN },
    resources: `
  - name: k8s-prod
    type: kubernetes
    address: ${new URL(cluster.url).host}
    tls: { ca: ${tls.authorityFile} }
    credential: { from: environment, variable: CHAPERONE_TEST_KUBE_TOKEN }
    impersonate: { groups: [agents] }
`,
  })
  const token = await bench.token()
  const through = { port: bench.port, ca: bench.authority, prefix: '/k8s-prod', token }
  const ca = await readFile(tls.authorityFile, 'utf8')
  return {
    cluster,
    bench,
    token,
    direct: { port: cluster.port, ca, prefix: '', token: TARGET_TOKEN },
    through,
    ask: (line, sent = {}) => ask(bench, token, line, sent),
    async stop() {
      await bench.stop()
      await cluster.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function ask(bench: HttpWorld, token: string, line: string, sent: Sent): Promise<Answer> {
  const [method = '', path = ''] = line.split(' ')
  const length = String(Buffer.byteLength(sent.body ?? ''))
  const type = {
    ...(sent.body === undefined ? {} : { 'content-length': length }),
    ...(sent.body === undefined || sent.untyped ? {} : { 'content-type': 'application/json' }),
  }
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: bench.port,
        method,
        path: `/k8s-prod${path}`,
        ca: bench.authority,
        headers: { authorization: `Bearer ${token}`, ...type, ...sent.headers },
        agent: false,
      },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        answer.once('error', reject)
        answer.once('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            type: answer.headers['content-type'] ?? '',
            headers: answer.headers,
            text,
          }),
        )
      },
    )
    outgoing.once('error', reject)
    outgoing.end(sent.body)
  })
}
