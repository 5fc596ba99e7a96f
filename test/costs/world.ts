import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../src/listen/development-authority.ts'
import type { HttpTarget } from '../support/http-target.ts'
import { startHttpTarget } from '../support/http-target.ts'
import { until } from '../support/until.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'
import type { GatewayProcess } from '../world/process.ts'

/** A gateway in a process of its own with all its doors, and what its memory and processor say. */
export interface World {
  readonly bench: Bench
  readonly target: HttpTarget
  readonly ca: string
  readonly httpPort: number
  readonly apiPort: number
  readonly postgresPort: number
  readonly token: string
  /** Once everything that was sent has been handled. */
  measure(): Promise<Measured>
  /** Bytes of all records so far. */
  recorded(): Promise<number>
  stop(): Promise<void>
}

export interface Measured {
  /** In use, without garbage. */
  readonly bytes: number
  /** Of the processor, since the measurement before. */
  readonly cpu_us: number
}

const POLICY = `
name: all
subjects: { agents: ['*'] }
rules:
  - id: sql
    allow: { actions: [sql.select, sql.transaction], objects: ['**'] }
  - id: allowed
    allow: { actions: ['k8s.*'], objects: ['allowed/**'] }
  - id: held
    hold: { actions: ['k8s.*'], objects: ['held/**'] }
    approvers: { groups: [dba] }
  - id: denied
    deny: { actions: ['k8s.*'], objects: ['denied/**'] }
  - id: no-cat
    deny: { actions: [k8s.pods.exec], text: ['\\bnever-typed\\b'] }
  - id: masked
    allow: { actions: [k8s.get, k8s.list], objects: ['masked/**'] }
    mask: [{ columns: ['masked/secrets/*/data/**'], with: redact }]
`

/** The kernel's buffers and the gateway's turns come to rest within some of these. */
const REST_MS = 100

export async function startWorld(
  environment: Readonly<Record<string, string>> = {},
): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'chaperone-costs-'))
  const authority = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
  const target = await startHttpTarget({
    certificate: readFileSync(authority.certificateFile, 'utf8'),
    key: readFileSync(authority.keyFile, 'utf8'),
  })
  const teller = join(import.meta.dirname, '../support/tell-memory.ts')
  const bench = await startBench({
    policies: { 'all.yaml': POLICY },
    schema: 'CREATE TABLE t (n int)',
    asProcess: true,
    environment: {
      NODE_OPTIONS: `--expose-gc --import ${teller}`,
      CHAPERONE_TEST_KUBE_TOKEN: 'target-secret',
      ...environment,
    },
    config: 'limits: { drainTimeout: 1s, connectionsMax: 4000, connectionsPerAddressMax: 4000 }',
    resource: `
  - name: kube
    type: kubernetes
    address: 127.0.0.1:${target.port}
    tls: { ca: ${authority.authorityFile} }
    credential: { from: environment, variable: CHAPERONE_TEST_KUBE_TOKEN }`,
  })
  const gateway = bench.gateway as GatewayProcess
  const told = () => bench.log.filter((line) => line.includes('"test.memory"'))

  async function look(): Promise<Measured> {
    const before = told().length
    process.kill(gateway.pid, 'SIGUSR2')
    const line = await until('the gateway told its memory', () => told()[before])
    return JSON.parse(line) as Measured
  }

  return {
    bench,
    target,
    ca: readFileSync(gateway.authorityFile!, 'utf8'),
    httpPort: gateway.httpPort!,
    apiPort: gateway.apiPort,
    postgresPort: gateway.postgresPort,
    token: await bench.token(),
    async measure() {
      let cpu_us = 0
      let last = await look()
      for (;;) {
        await delay(REST_MS)
        cpu_us += last.cpu_us
        const next = await look()
        const isAtRest = Math.abs(next.bytes - last.bytes) < 50_000 && next.cpu_us < 5_000
        last = next
        if (isAtRest) return { bytes: last.bytes, cpu_us: cpu_us + last.cpu_us }
      }
    },
    recorded: () => folderBytes(join(bench.folder, 'records')),
    async stop() {
      await bench.stop()
      await target.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function folderBytes(folder: string): Promise<number> {
  const { readdir, stat } = await import('node:fs/promises')
  let bytes = 0
  for (const entry of await readdir(folder, { recursive: true })) {
    bytes += await stat(join(folder, entry)).then(
      (one) => (one.isFile() ? one.size : 0),
      () => 0,
    )
  }
  return bytes
}
