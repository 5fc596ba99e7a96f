import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ArmBench } from './bench.ts'
import { heldRequest, startArmBench } from './bench.ts'
import { sendTo } from './send.ts'

const POLICY = `
name: changes
subjects: { agents: ['*'] }
rules:
  - id: ask
    hold: { actions: ['Microsoft.Storage/storageAccounts/write'] }
    approvers: { groups: [{approvers}] }
`
const TYPE = 'Microsoft.Storage/storageAccounts'

describe('an approval is bound to what would change', () => {
  let bench: ArmBench
  let token: string
  before(async () => {
    bench = await startArmBench({ policy: POLICY })
    bench.arm.addGroup('g')
    token = await bench.token()
  })
  after(() => bench.stop())

  const write = (name: string) =>
    sendTo(
      bench,
      'arm',
      {
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

  test('what people refuse never reaches the target', async () => {
    const answer = write('never')
    const request = await heldRequest(bench)
    await bench.approver('approvals', 'deny', request.id, '--reason', 'no')
    assert.equal((await answer).code, 'APPROVAL_DENIED')
    assert.equal(thing('never'), undefined)
  })
})
