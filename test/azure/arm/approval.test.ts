import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ArmWorld } from '../../world/arm.ts'
import { startArmWorld } from '../../world/arm.ts'
import { heldRequest } from '../../world/held-request.ts'
import { sendTo } from './send.ts'

const POLICY = `
name: changes
subjects: { agents: ['*'] }
rules:
  - id: ask
    hold: { actions: ['Microsoft.Storage/storageAccounts/write'] }
    approvers: { groups: [{dba}] }
`
const TYPE = 'Microsoft.Storage/storageAccounts'

describe('an approval is bound to what would change', () => {
  let bench: ArmWorld
  let token: string
  /** Happens as soon as the target has told how a thing is, before anything that follows from it. */
  let meanwhile: (path: string) => void = () => {}
  before(async () => {
    bench = await startArmWorld({
      policy: POLICY,
      emulator: {
        change(request, reply) {
          if (request.method === 'GET') meanwhile(request.path)
          return reply
        },
      },
    })
    bench.arm.addGroup('g')
    token = await bench.token()
  })
  after(() => bench.stop())

  const write = (name: string, headers: Readonly<Record<string, string>> = {}) =>
    sendTo(
      bench,
      'arm',
      {
        headers: Object.entries(headers),
        line: `PUT /subscriptions/S/resourceGroups/g/providers/${TYPE}/${name}?api-version=2023-01-01`,
        body: { sku: { name: 'New' }, properties: { adminPassword: 'S3cret' } },
      },
      token,
    )
  const thing = (name: string) =>
    bench.arm.thing(
      `/subscriptions/${bench.arm.subscription}/resourceGroups/g/providers/${TYPE}/${name}`,
    )

  test('people see how it differs from what there is, and it is done once they agree', async () => {
    bench.arm.addResource('g', TYPE, 'calm', { sku: { name: 'Old' } })
    const answer = write('calm')
    const request = await heldRequest(bench)
    const shown = JSON.stringify(request)
    assert.match(shown, /~ sku\.name: .*Old.* → .*New/)
    assert.doesNotMatch(shown, /S3cret/)
    await bench.approver('approvals', 'approve', request.id, '--yes')
    assert.equal((await answer).status, 200)
    assert.deepEqual(thing('calm')?.['sku'], { name: 'New' })
    assert.doesNotMatch(await bench.records(), /S3cret/)
  })

  test('where the thing is another one by then, nothing is done', async () => {
    bench.arm.addResource('g', TYPE, 'moving', { sku: { name: 'Old' } })
    const answer = write('moving')
    const request = await heldRequest(bench)
    bench.arm.addResource('g', TYPE, 'moving', { sku: { name: 'Other' } })
    await bench.approver('approvals', 'approve', request.id, '--yes')
    assert.equal((await answer).code, 'APPROVAL_STALE')
    assert.deepEqual(thing('moving')?.['sku'], { name: 'Other' })
  })

  /** What the target was asked to write, with its conditions. */
  const written = (name: string) =>
    bench.arm.requests
      .filter(({ method, path }) => method === 'PUT' && path.endsWith(`/${name}`))
      .map(({ headers }) => [headers['if-match'], headers['if-none-match']])

  test('between the last look and the write nobody else comes in: the target keeps the condition', async () => {
    const { etag } = bench.arm.addResource('g', TYPE, 'raced', { sku: { name: 'Old' } })
    let looks = 0
    meanwhile = (path) => {
      if (!path.endsWith('/raced')) return
      looks++
      if (looks === 2) bench.arm.addResource('g', TYPE, 'raced', { sku: { name: 'Other' } })
    }
    const answer = write('raced')
    const request = await heldRequest(bench)
    await bench.approver('approvals', 'approve', request.id, '--yes')
    const { status, code } = await answer
    assert.deepEqual([status, code], [409, 'APPROVAL_STALE'])
    assert.equal(looks, 2)
    assert.deepEqual(written('raced'), [[etag, undefined]])
    assert.deepEqual(thing('raced')?.['sku'], { name: 'Other' })
  })

  test('what did not exist must not exist when it is made', async () => {
    let looks = 0
    meanwhile = (path) => {
      if (!path.endsWith('/new')) return
      looks++
      if (looks === 2) bench.arm.addResource('g', TYPE, 'new', { sku: { name: 'Theirs' } })
    }
    const answer = write('new')
    const request = await heldRequest(bench)
    await bench.approver('approvals', 'approve', request.id, '--yes')
    assert.equal((await answer).code, 'APPROVAL_STALE')
    assert.deepEqual(written('new'), [[undefined, '*']])
    assert.deepEqual(thing('new')?.['sku'], { name: 'Theirs' })
  })

  test("a client's own condition must speak of the state that people see", async () => {
    const { etag } = bench.arm.addResource('g', TYPE, 'mine', { sku: { name: 'Old' } })
    for (const headers of [{ 'if-match': '"other"' }, { 'if-none-match': '*' }]) {
      assert.equal((await write('mine', headers)).code, 'APPROVAL_STALE')
    }
    assert.deepEqual(written('mine'), [])
    const answer = write('mine', { 'if-match': '*' })
    const request = await heldRequest(bench)
    await bench.approver('approvals', 'approve', request.id, '--yes')
    assert.equal((await answer).status, 200)
    assert.deepEqual(written('mine'), [[etag, undefined]])
  })

  test('however the version is written, what there is now is looked at', async () => {
    bench.arm.addResource('g', TYPE, 'coded', { sku: { name: 'Old' } })
    const path = `/subscriptions/S/resourceGroups/g/providers/${TYPE}/coded`
    const line = `PUT ${path}?%61pi%2Dversion=2023-01-01&x=y`
    const answer = sendTo(bench, 'arm', { line, body: { sku: { name: 'New' } } }, token)
    const request = await heldRequest(bench)
    assert.match(JSON.stringify(request), /~ sku\.name: .*Old.* → .*New/)
    await bench.approver('approvals', 'approve', request.id, '--yes')
    assert.equal((await answer).status, 200)
    const looks = bench.arm.requests.filter((one) => one.path.endsWith('/coded'))
    assert.deepEqual(
      looks.filter(({ method }) => method === 'GET').map(({ query }) => query.toString()),
      ['api-version=2023-01-01', 'api-version=2023-01-01'],
    )
  })

  test('what people refuse never reaches the target', async () => {
    const answer = write('never')
    const request = await heldRequest(bench)
    await bench.approver('approvals', 'deny', request.id, '--reason', 'no')
    assert.equal((await answer).code, 'APPROVAL_DENIED')
    assert.equal(thing('never'), undefined)
  })
})
