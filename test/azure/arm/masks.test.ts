import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ArmWorld } from '../../world/arm.ts'
import { startArmWorld } from '../../world/arm.ts'
import { heldRequest } from '../../world/held-request.ts'
import type { Answer } from './send.ts'
import { sendTo } from './send.ts'

const MINE = 'subscriptions/*/resourceGroups/mine'
const POLICY = `
name: masked
subjects: { agents: ['*'] }
rules:
  - id: read
    allow: { actions: ['*/read'], objects: [${MINE}] }
    mask:
      - { columns: ['${MINE}/**/osProfile/adminUsername'], with: redact }
      - { detect: [email, azure-key], with: redact }
  - id: change
    allow:
      actions: ['Microsoft.Compute/virtualMachines/*', 'Microsoft.Resources/deployments/*', 'Microsoft.Resources/subscriptions/resourceGroups/exportTemplate/action']
      objects: [${MINE}]
  - id: move
    allow:
      actions: ['*/moveResources/action', 'Microsoft.Resources/subscriptions/resourceGroups/write', 'Microsoft.Compute/virtualMachines/*']
      objects: [${MINE}, 'subscriptions/*/resourceGroups/other']
  - id: ask
    hold: { actions: ['Microsoft.Compute/disks/write'], objects: [${MINE}] }
    approvers: { groups: [{dba}] }
  - id: keys
    allow: { actions: ['Microsoft.Storage/storageAccounts/listKeys/action', azure.secrets.read], objects: [${MINE}] }
`

const USER = 'c4nary-user'
const MAIL = 'ann@c4nary.example'
const G = '/subscriptions/S/resourceGroups/mine'
const VM = `${G}/providers/Microsoft.Compute/virtualMachines/vm1`
const V = 'api-version=2024-03-01'

describe('what an agent may only read masked comes back masked, whatever it asks', () => {
  let bench: ArmWorld
  let token = ''

  before(async () => {
    bench = await startArmWorld({ policy: POLICY })
    token = await bench.token()
    bench.arm.addGroup('mine')
    bench.arm.addResource('mine', 'Microsoft.Compute/virtualMachines', 'vm1', {
      tags: { contact: MAIL },
      properties: { osProfile: { adminUsername: USER }, note: `ask ${MAIL}` },
    })
    bench.arm.addResource('mine', 'Microsoft.Storage/storageAccounts', 'acme')
  })
  after(() => bench.stop())

  const send = (line: string, body?: unknown): Promise<Answer> =>
    sendTo(bench, 'arm', { line, ...(body === undefined ? {} : { body }) }, token)
  const masked = ({ status, json }: Answer, what: string) => {
    const text = JSON.stringify(json)
    assert.ok(status < 300, `${what}: ${status} ${text}`)
    assert.doesNotMatch(text, /c4nary/, what)
    assert.match(text, /\[redacted\]/, what)
  }

  test('reads, one by one and in a list', async () => {
    masked(await send(`GET ${VM}?${V}`), 'the thing')
    masked(await send(`GET ${G}/resources?${V}`), 'the list')
  })

  test('a change answers with the whole thing', async () => {
    masked(await send(`PATCH ${VM}?${V}`, { location: 'x' }), 'a change')
    const httpMethod = 'PATCH'
    const requests = [{ httpMethod, url: `${VM}?${V}`, content: { location: 'y' } }]
    masked(await send(`POST /batch?${V}`, { requests }), 'the same in a batch')
  })

  test('a template that is exported has the fields of all things in it', async () => {
    masked(await send(`POST ${G}/exportTemplate?${V}`, { resources: ['*'] }), 'an export')
  })

  test('a what-if tells what there was, and so does its end', async () => {
    const vm = { type: 'Microsoft.Compute/virtualMachines', name: 'vm1', apiVersion: 'x' }
    const resources = [{ ...vm, properties: { osProfile: { adminUsername: 'me' } } }]
    const body = { properties: { mode: 'Incremental', template: { resources } } }
    const line = `POST ${G}/providers/Microsoft.Resources/deployments/d/whatIf?${V}`
    let answer = await send(line, body)
    for (let polls = 0; answer.status === 202 && polls < 5; polls++) {
      answer = await send(`GET ${String(answer.headers['location'])}`)
    }
    masked(answer, 'a what-if')
  })

  const deploy = async (value: string, more: object = {}) => {
    const outputs = { o: { type: 'string', value } }
    const template = { resources: [], outputs, ...more }
    const body = { properties: { mode: 'Incremental', template } }
    return (await send(`PUT ${G}/providers/Microsoft.Resources/deployments/d?${V}`, body)).code
  }
  const vm = { type: 'Microsoft.Compute/virtualMachines', name: 'vm1', apiVersion: 'x' }
  const ID = "resourceId('Microsoft.Compute/virtualMachines', 'vm1')"

  test('no output of a deployment tells a masked field by another name', async () => {
    for (const value of [
      `[reference(${ID}).osProfile.adminUsername]`,
      `[reference(${ID}, 'x', 'Full').properties.osProfile.adminUsername]`,
      `[string(reference(${ID}).osProfile)]`,
      `[string(reference(${ID}))]`,
      `[reference(${ID})['osProfile'].adminUsername]`,
      `[string(reference(${ID}, 'x', 'full'))]`,
      "[reference(resourceId('Microsoft.Compute/virtualMachines', variables('n'))).osProfile.x]",
    ]) {
      assert.equal(await deploy(value), 'MASK_UNPROVABLE', value)
    }
    assert.equal(await deploy(`[reference(${ID}).hardwareProfile.vmSize]`), '')
  })

  test('nor one of what the template itself names, nor of a template inside', async () => {
    const own = "[reference('vm1').osProfile.adminUsername]"
    assert.equal(await deploy(own, { resources: [vm] }), 'MASK_UNPROVABLE')
    const symbols = { languageVersion: '2.0', resources: { v: { ...vm, existing: true } } }
    const bySymbol = "[reference('v').osProfile.adminUsername]"
    assert.equal(await deploy(bySymbol, symbols), 'MASK_UNPROVABLE')
    assert.equal(await deploy("[reference('v').hardwareProfile.vmSize]", symbols), '')
    const loop = "[map(references('v'), lambda('x', lambdaVariables('x').osProfile))]"
    assert.equal(await deploy(loop, symbols), 'MASK_UNPROVABLE')
    const template = { resources: [], outputs: { i: { type: 'string', value: own } } }
    const inner = (scope: string) => ({
      type: 'Microsoft.Resources/deployments',
      name: 'inner',
      properties: {
        mode: 'Incremental',
        expressionEvaluationOptions: { scope },
        template: { ...template, resources: [vm] },
      },
    })
    assert.equal(await deploy('', { resources: [inner('inner')] }), 'MASK_UNPROVABLE')
    // What a reference brings into a template that is worked out twice may be an expression.
    assert.equal(await deploy('', { resources: [inner('outer')] }), 'POLICY_NO_MATCH')
  })

  test('what a mask touches is not moved to where none speaks of it', async () => {
    const move = async (name: string) => {
      const id = `${G}/providers/Microsoft.Compute/virtualMachines/${name}`
      const body = { resources: [id], targetResourceGroup: G.replace(/mine$/, 'other') }
      return (await send(`POST ${G}/moveResources?${V}`, body)).code
    }
    assert.equal(await move('vm1'), 'MASK_UNPROVABLE')
  })

  test('what people are shown of a held write has the masks of the agent', async () => {
    const properties = { osProfile: { adminUsername: USER }, note: `ask ${MAIL}`, size: 1 }
    bench.arm.addResource('mine', 'Microsoft.Compute/disks', 'd1', { properties })
    const asked = { properties: { osProfile: { adminUsername: 'me' }, note: 'x', size: 2 } }
    const answer = send(`PUT ${G}/providers/Microsoft.Compute/disks/d1?${V}`, asked)
    const request = await heldRequest(bench)
    const shown = JSON.stringify(request)
    assert.match(shown, /osProfile\.adminUsername: .*\[redacted\].* → .*me/)
    assert.match(shown, /note: .*ask \[redacted\].* → .*x/)
    assert.match(shown, /size: 1 → 2/)
    await bench.approver('approvals', 'deny', request.id, '--reason', 'no')
    await answer
    assert.doesNotMatch(`${shown}${await bench.records()}`, /c4nary/)
  })

  test('keys that a rule gives by name are no affair of detectors in another', async () => {
    const account = `${G}/providers/Microsoft.Storage/storageAccounts/acme`
    const { json } = await send(`POST ${account}/listKeys?${V}`)
    assert.doesNotMatch(JSON.stringify(json), /redacted/)
  })
})
