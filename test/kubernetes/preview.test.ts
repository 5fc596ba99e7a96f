import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { heldRequest } from '../world/held-request.ts'
import type { World } from './world.ts'
import { startWorld } from './world.ts'

/** What people are shown of a held write is kept, and sent around: it holds no masked value either. */

const POLICY = `
name: platform
subjects: { agents: [etl-*] }
rules:
  - id: read
    allow: { actions: [k8s.get], objects: [prod/**] }
    mask: [{ columns: [prod/configmaps/*/data/contact], with: redact }]
  - id: write
    hold: { actions: [k8s.patch], objects: [prod/configmaps/**] }
    approvers: { groups: ['{dba}'] }
    expires: 1m
`

let world: World
before(async () => {
  world = await startWorld(POLICY)
})
after(() => world?.stop())

test('a held change is shown, with the masks of the agent that asks', async () => {
  const change = JSON.stringify({ data: { contact: 'new.person@example.com', mode: 'slow' } })
  const answer = world.ask('PATCH /api/v1/namespaces/prod/configmaps/settings', {
    headers: { 'content-type': 'application/merge-patch+json' },
    body: change,
  })
  const request = await heldRequest(world.bench)
  const shown = JSON.stringify(request)
  assert.match(shown, /data\.contact: \\"\[redacted\]\\" → \\"\[redacted\]\\"/)
  assert.match(shown, /data\.mode: \\"fast\\" → \\"slow\\"/)
  assert.doesNotMatch(shown, /canary/)
  await world.bench.approver('approvals', 'approve', request.id, '--yes', '--reason', 'test')
  const { status, text } = await answer
  assert.equal(status, 200, text)
  assert.doesNotMatch(text, /canary|new\.person/)
  const settings = world.cluster.thing('configmaps', 'prod', 'settings')
  assert.deepEqual(settings?.['data'], { contact: 'new.person@example.com', mode: 'slow' })
  assert.doesNotMatch(await world.bench.records(), /canary/)
})
