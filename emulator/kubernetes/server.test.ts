import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../src/listen/development-authority.ts'
import { isRecord } from './objects.ts'
import type { KubernetesEmulator } from './server.ts'
import { startKubernetesEmulator } from './server.ts'

let folder = ''
let ca: Buffer
let cluster: KubernetesEmulator

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaperone-emulator-'))
  const tls = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
  ca = await readFile(tls.authorityFile)
  const [key, cert] = [await readFile(tls.keyFile), await readFile(tls.certificateFile)]
  cluster = await startKubernetesEmulator({ tls: { key, cert }, token: 'right' })
})
after(async () => {
  await cluster?.close()
  await rm(folder, { recursive: true, force: true })
})

interface Sent {
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly token?: string
  /** The answer has begun. */
  readonly begun?: () => void
}

function ask(line: string, { body, headers, token = 'right', begun }: Sent = {}) {
  const [method = '', path = ''] = line.split(' ')
  const text = body === undefined ? '' : JSON.stringify(body)
  return new Promise<{ status: number; lines: readonly Record<string, unknown>[] }>(
    (resolve, reject) => {
      const to = { host: '127.0.0.1', port: new URL(cluster.url).port, ca, agent: false as const }
      const all = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(text)),
        ...headers,
      }
      const outgoing = request({ ...to, method, path, headers: all }, (answer) => {
        begun?.()
        let said = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
        answer.once('end', () => {
          const lines = said.split('\n').filter((one) => one !== '')
          const parsed = lines.map((one): unknown => JSON.parse(one)).filter(isRecord)
          resolve({ status: answer.statusCode ?? 0, lines: parsed })
        })
      })
      outgoing.once('error', reject)
      outgoing.end(text)
    },
  )
}

const MAPS = '/api/v1/namespaces/prod/configmaps'
const map = (name: string, data: object) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
})
const dataOf = (name: string) => cluster.thing('configmaps', 'prod', name)?.['data']

test('only the token is let in, and every request is in the audit log', async () => {
  assert.equal((await ask('GET /version', { token: 'wrong' })).status, 401)
  await ask('GET /version', {
    headers: { 'impersonate-user': 'someone', 'impersonate-group': 'a', 'audit-id': 'x1' },
  })
  const { auditId, user, groups } = cluster.audit.at(-1)!
  assert.deepEqual({ auditId, user, groups }, { auditId: 'x1', user: 'someone', groups: ['a'] })
})

test('objects are created once, found, changed in four ways, and deleted', async () => {
  assert.equal((await ask(`POST ${MAPS}`, { body: map('a', { x: '1' }) })).status, 201)
  assert.equal((await ask(`POST ${MAPS}`, { body: map('a', {}) })).status, 409)
  const patch = (type: string, body: object) =>
    ask(`PATCH ${MAPS}/a`, { body, headers: { 'content-type': `application/${type}` } })
  await patch('merge-patch+json', { data: { y: '2' } })
  assert.deepEqual(dataOf('a'), { x: '1', y: '2' })
  await patch('strategic-merge-patch+json', { data: { x: null } })
  assert.deepEqual(dataOf('a'), { y: '2' })
  await patch('json-patch+json', [{ op: 'replace', path: '/data/y', value: '3' }])
  assert.deepEqual(dataOf('a'), { y: '3' })
  await patch('apply-patch+yaml', map('a', { z: '4' }))
  assert.deepEqual(dataOf('a'), { y: '3', z: '4' })
  const stale = map('a', {})
  const old = { ...stale, metadata: { ...stale.metadata, resourceVersion: '1' } }
  assert.equal((await ask(`PUT ${MAPS}/a`, { body: old })).status, 409)
  await ask(`DELETE ${MAPS}/a?dryRun=All`)
  assert.ok(dataOf('a') !== undefined)
  await ask(`DELETE ${MAPS}/a?dryRun=All`, { body: { kind: 'DeleteOptions' } })
  assert.equal(dataOf('a'), undefined, 'options in the body take the place of the query')
  assert.equal((await ask(`GET ${MAPS}/a`)).status, 404)
})

test('a watch tells what is there, bookmarks, and what changes', async () => {
  await ask(`POST ${MAPS}`, { body: map('b', {}) })
  const { promise: begins, resolve: begun } = Promise.withResolvers<void>()
  const path = `${MAPS}?watch=true&timeoutSeconds=1&allowWatchBookmarks=true`
  const watching = ask(`GET ${path}`, { begun })
  await begins
  await ask(`DELETE ${MAPS}/b`)
  const { lines } = await watching
  assert.deepEqual(
    lines.map(({ type }) => type),
    ['ADDED', 'BOOKMARK', 'DELETED'],
  )
})

test('lists, tables and custom resources', async () => {
  await ask(`POST ${MAPS}`, { body: map('c', { k: 'v' }) })
  const table = await ask(`GET ${MAPS}`, {
    headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' },
  })
  assert.equal(table.lines[0]?.['kind'], 'Table')
  cluster.add('customresourcedefinitions', {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [{ name: 'v1' }],
    },
  })
  const widgets = await ask('GET /apis/example.com/v1/namespaces/prod/widgets')
  assert.equal(widgets.lines[0]?.['kind'], 'WidgetList')
  const discovery = await ask('GET /apis/example.com/v1')
  assert.match(JSON.stringify(discovery.lines), /widgets/)
})
