import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { World } from '../kubernetes/world.ts'
import { startWorld } from '../kubernetes/world.ts'
import { openRawHttp } from '../support/http-raw.ts'
import type { BypassCase } from './case.ts'
import { KUBERNETES_PATHS } from './kubernetes-paths.ts'
import { KUBERNETES_REQUESTS } from './kubernetes-requests.ts'

/** The agent may read one ConfigMap and change it, and delete one pod. */
const POLICY = `
name: little
subjects: { agents: ['*'] }
rules:
  - id: read
    allow: { actions: [k8s.get, k8s.patch], objects: ['prod/configmaps/*'] }
    mask: [{ columns: ['*/configmaps/*/data/contact'], with: redact, predicates: deny }]
  - id: delete
    allow: { actions: [k8s.delete], objects: ['prod/pods/*'] }
`

let world: World
before(async () => {
  world = await startWorld(POLICY)
})
after(() => world?.stop())

/** The bytes as they are: client libraries would mend them. */
async function send({ line, headers = {}, body }: BypassCase): Promise<string> {
  const client = await openRawHttp({ port: world.bench.port, ca: world.bench.authority })
  const [method = '', path = ''] = line.split(' ')
  const bytes = Buffer.from(body ?? '', 'latin1')
  const content = body !== undefined && body.includes('\ufeff') ? Buffer.from(body) : bytes
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const head = [
    `${method} /k8s-prod${path} HTTP/1.1`,
    'host: 127.0.0.1',
    `authorization: Bearer ${world.token}`,
    ...('connection' in headers ? [] : ['connection: close']),
    ...fields,
    ...(body === undefined ? [] : [`content-length: ${content.length}`]),
  ]
  client.say(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), content]))
  const heard = await client.until(/\r\n\r\n[^]*\}\s*(?:0\s*)?$/)
  client.destroy()
  return heard
}

test('what is allowed passes, so that the rest tells something', async () => {
  const read = await send({ trick: '', line: 'GET /api/v1/namespaces/prod/configmaps/settings' })
  assert.match(read, /^HTTP\/1\.1 200 [^]*"contact":"\[redacted\]"/)
  const headers = { 'content-type': 'application/merge-patch+json' }
  const line = 'PATCH /api/v1/namespaces/prod/configmaps/settings'
  assert.match(await send({ trick: '', line, headers, body: '{}' }), /^HTTP\/1\.1 200 /)
})

for (const [area, { codes, cases }] of Object.entries({
  ...KUBERNETES_PATHS,
  ...KUBERNETES_REQUESTS,
})) {
  describe(area, () => {
    for (const one of cases) {
      test(one.trick, async () => {
        const seen = world.cluster.audit.length
        const heard = await send(one)
        assert.match(heard, /^HTTP\/1\.1 (?:4\d\d|501) /)
        assert.ok(
          codes.some((code) => heard.includes(code)),
          heard,
        )
        assert.equal(world.cluster.audit.length, seen, 'the cluster was asked')
      })
    }
  })
}
