import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { connect } from 'node:tls'
import type { HttpWorld } from '../../world/http.ts'
import { startHttpWorld } from '../../world/http.ts'
import type { Attack } from './attacks.ts'
import { ATTACKS } from './attacks.ts'
import type { RecordingTarget } from './recording-target.ts'
import { startRecordingTarget } from './recording-target.ts'

const POLICY = `
name: logs-and-orders
subjects: { agents: ['*'] }
rules:
  - id: everything-in-them
    allow: { actions: ['Microsoft.Storage/*blobs/*', 'Microsoft.Storage/*messages/*', 'Microsoft.Storage/*entities/*', 'Microsoft.Storage/*/write'], objects: ['acme/logs/**', 'acme/orders/**'] }
  - id: no-holds
    deny: { actions: ['Microsoft.Storage/*runAsSuperUser/action'] }
`

/** The two ways in which clients name the account; `~` in a line is the first, a source the second. */
const STYLES = [
  {
    style: 'by path',
    host: (port: number) => `127.0.0.1:${port}`,
    prefix: (service: string) => `/acme/${service}`,
  },
  {
    style: 'by host',
    host: (port: number, service: string) => `acme.${service}.localhost:${port}`,
    prefix: () => '',
  },
] as const

describe('attacks on a storage account', () => {
  let folder = ''
  let target: RecordingTarget
  let bench: HttpWorld
  let token = ''

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chaperone-attacks-'))
    target = await startRecordingTarget(folder)
    const at = `{ address: '127.0.0.1:${target.port}' }`
    bench = await startHttpWorld({
      environment: { CHAPERONE_TEST_ATTACK_TOKEN: 'upstream-token' },
      resources: `
  - name: acme
    type: azure-storage
    account: acme
    services: { blob: ${at}, queue: ${at}, table: ${at} }
    tls: { ca: '${target.authorityFile}' }
    credential: { from: environment, variable: CHAPERONE_TEST_ATTACK_TOKEN }
`,
      policy: POLICY,
    })
    token = await bench.token()
  })
  after(async () => {
    await bench.stop()
    await target.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Sends the bytes and gives the answer, whatever it is. */
  async function send(bytes: string): Promise<string> {
    const socket = connect({
      port: bench.port,
      host: '127.0.0.1',
      ca: bench.authority,
      servername: 'localhost',
    })
    return await new Promise((resolve, reject) => {
      let text = ''
      socket.setEncoding('latin1')
      socket.on('data', (chunk: string) => (text += chunk))
      socket.on('end', () => resolve(text))
      socket.on('close', () => resolve(text))
      socket.on('error', reject)
      socket.write(bytes, 'latin1')
    })
  }

  function bytesOf(attack: Attack, { host, prefix }: (typeof STYLES)[number]): string {
    const { service = 'blob', line, headers = [], body = '' } = attack
    const authority = host(bench.port, service)
    const below = prefix(service)
    const account = `https://${authority}${below}`
    const fill = (text: string) => text.replaceAll('{account}', account)
    const content = fill(body)
    const framing = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(content)}`]
    return [
      `${line.replace('~', below)} HTTP/1.1`,
      `Host: ${authority}`,
      `Authorization: Bearer ${token}`,
      'Connection: close',
      ...headers.map(fill),
      ...framing,
      '',
      content,
    ].join('\r\n')
  }

  for (const style of STYLES) {
    describe(style.style, () => {
      test('what is allowed arrives, with the token of the gateway', async () => {
        const answer = await send(
          bytesOf(
            { name: '', line: 'GET ~/logs/a%2Fb', headers: ['x-ms-version: 2024-11-04'] },
            style,
          ),
        )
        assert.match(answer, /^HTTP\/1\.1 200 /)
        assert.deepEqual(target.seen.splice(0), ['GET /logs/a/b'])
      })

      for (const attack of ATTACKS) {
        test(`${attack.service ?? 'blob'}: ${attack.name}`, async () => {
          const answer = await send(bytesOf(attack, style))
          assert.match(answer, /^HTTP\/1\.1 (?:4\d\d|501) /)
          assert.deepEqual(target.seen.splice(0), [])
          if (attack.code !== undefined) assert.ok(answer.includes(attack.code), answer)
          assert.equal(answer.includes('upstream-token'), false)
        })
      }
    })
  }
})
