import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:https'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../src/listen/development-authority.ts'
import type { HttpWorld } from '../world/http.ts'
import { startHttpWorld } from '../world/http.ts'

/** The long form is KUBE_LIST_MIB=200. */
const LIST_MIB = Number(process.env['KUBE_LIST_MIB'] ?? 24)
const MIB = 1_048_576

/** Garbage of masked items, within a heap of 128 MiB; a list that is kept would not fit at all. */
const GROWTH_MAX_MIB = 160

const POLICY = `
name: platform
subjects: { agents: [etl-*] }
rules:
  - id: read
    allow: { actions: [k8s.list], objects: ['*/**'] }
    mask:
      - { columns: ['*/pods/*/spec/containers/env/value'], with: redact }
      - { columns: ['*/secrets/*/data/**'], with: redact }
`

const MANAGED = Array.from({ length: 30 }, (_, index) => [`f:field${index}`, { 'f:name': {} }])

/** A pod of some 3 KiB, as they come with managed fields. */
const pod = (index: number) => ({
  metadata: {
    name: `web-${index}`,
    namespace: 'prod',
    managedFields: [{ manager: 'kubelet', fieldsV1: Object.fromEntries(MANAGED) }],
  },
  spec: {
    containers: [{ name: 'web', env: [{ name: 'API_KEY', value: 'canary-env-value' }] }],
    note: 'a brace } in a text, and a quote " \\'.repeat(40),
  },
})

const secret = (index: number) => ({
  metadata: { name: `db-${index}`, namespace: 'prod' },
  data: { password: Buffer.from('canary-hunter2'.repeat(100)).toString('base64') },
})

describe('large lists', { skip: existsSync('/proc/self/status') ? false : 'needs /proc' }, () => {
  let folder: string
  let target: Server
  let bench: HttpWorld
  let token: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chaperone-large-'))
    const tls = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
    const [key, cert] = [await readFile(tls.keyFile), await readFile(tls.certificateFile)]
    target = createServer({ key, cert }, (asked, answer) => void sendList(asked, answer))
    target.listen(0, '127.0.0.1')
    await once(target, 'listening')
    bench = await startHttpWorld({
      policy: POLICY,
      asProcess: true,
      environment: { CHAPERONE_TEST_KUBE_TOKEN: 'target-secret' },
      resources: `
  - name: k8s-prod
    type: kubernetes
    address: 127.0.0.1:${(target.address() as AddressInfo).port}
    tls: { ca: ${tls.authorityFile} }
    credential: { from: environment, variable: CHAPERONE_TEST_KUBE_TOKEN }
`,
    })
    token = await bench.token()
  })

  after(async () => {
    await bench?.stop()
    target?.closeAllConnections()
    target?.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function list(resource: string, size_mib: number) {
    const outgoing = request({
      host: '127.0.0.1',
      port: bench.port,
      path: `/k8s-prod/api/v1/${resource}?limit=${size_mib}`,
      ca: bench.authority,
      headers: { authorization: `Bearer ${token}` },
      agent: false,
    }).end()
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
    let items = 0
    let tail = ''
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      const text = tail + chunk.toString('latin1')
      assert.ok(!text.includes('canary') && !text.includes(ENCODED), 'nothing passes unmasked')
      items += text.split('"metadata":{"name"').length - 1
      tail = text.slice(-16)
    }
    return { status: answer.statusCode, items }
  }

  for (const resource of ['pods', 'secrets']) {
    test(`${resource} of ${LIST_MIB} MiB with a mask in flat memory`, async (context) => {
      await list(resource, 4)
      const before_bytes = peak(bench.pid!)
      const began_ms = performance.now()
      const { status, items } = await list(resource, LIST_MIB)
      const took_ms = performance.now() - began_ms
      assert.equal(status, 200)
      assert.ok(items > LIST_MIB * 200, `${items} items`)
      const grown_mib = Math.round((peak(bench.pid!) - before_bytes) / MIB)
      context.diagnostic(`${items} items, ${Math.round(took_ms)} ms, grew by ${grown_mib} MiB`)
      assert.ok(grown_mib < GROWTH_MAX_MIB, `grew by ${grown_mib} MiB`)
    })
  }
})

const ENCODED = Buffer.from('canary-hunter2').toString('base64').slice(0, 16)

/** `?limit=` says how many MiB; a real API server streams no less than this. */
async function sendList(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
  const url = new URL(asked.url ?? '/', 'https://target')
  const make = url.pathname.endsWith('/pods') ? pod : secret
  const size = Number(url.searchParams.get('limit')) * MIB
  answer.writeHead(200, { 'content-type': 'application/json' })
  answer.write('{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[')
  let [bytes, index] = [0, 0]
  while (bytes < size && !answer.destroyed) {
    const piece = `${index === 0 ? '' : ','}${JSON.stringify(make(index))}`
    bytes += piece.length
    index++
    if (!answer.write(piece)) await once(answer, 'drain')
  }
  answer.end(']}\n')
}

/** The most memory that the process ever had, in bytes. */
function peak(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1]) * 1024
}
