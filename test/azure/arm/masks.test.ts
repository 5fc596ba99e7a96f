import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ArmBench } from './bench.ts'
import { startArmBench } from './bench.ts'
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
  - id: keys
    allow: { actions: ['Microsoft.Storage/storageAccounts/listKeys/action', azure.secrets.read], objects: [${MINE}] }
`

const USER = 'c4nary-user'
const MAIL = 'ann@c4nary.example'
const G = '/subscriptions/S/resourceGroups/mine'
const VM = `${G}/providers/Microsoft.Compute/virtualMachines/vm1`
const V = 'api-version=2024-03-01'

describe('what an agent may only read masked comes back masked, whatever it asks', () => {
  let bench: ArmBench
  let token = ''

  before(async () => {
    bench = await startArmBench({ policy: POLICY })
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

  test('keys that a rule gives by name are no affair of detectors in another', async () => {
    const account = `${G}/providers/Microsoft.Storage/storageAccounts/acme`
    const { json } = await send(`POST ${account}/listKeys?${V}`)
    assert.doesNotMatch(JSON.stringify(json), /redacted/)
  })
})
