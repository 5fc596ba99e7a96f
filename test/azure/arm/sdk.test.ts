import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import type { ArmWorld } from '../../world/arm.ts'
import { startArmWorld } from '../../world/arm.ts'

const exec = promisify(execFile)
const TIMEOUT_MS = 60_000
const TICKET = 'urn:chaperone:token-type:ticket'

const POLICY = `
name: operator
subjects: { agents: [etl-1] }
rules:
  - id: groups
    allow: { actions: ['Microsoft.Resources/subscriptions/resourceGroups/*'] }
  - id: kept
    deny: { actions: ['*/delete'], objects: [subscriptions/*/resourceGroups/kept] }
`

describe("Azure's own SDK through the gateway", () => {
  let bench: ArmWorld
  before(async () => {
    bench = await startArmWorld({ policy: POLICY, emulator: { pageSize: 2 } })
    for (const name of ['alpha', 'beta', 'kept']) bench.arm.addGroup(name)
  })
  after(() => bench.stop())

  async function run(more: Record<string, string>): Promise<unknown> {
    const env = {
      PATH: process.env['PATH'] ?? '',
      NODE_EXTRA_CA_CERTS: bench.authorityFile,
      ENDPOINT: `${bench.door}/arm`,
      SUBSCRIPTION: bench.arm.subscription,
      ...more,
    }
    const program = [`${import.meta.dirname}/sdk-client.ts`]
    const { stdout } = await exec(process.execPath, program, { env, timeout: TIMEOUT_MS })
    return JSON.parse(stdout) as unknown
  }

  const DONE = { names: ['alpha', 'beta', 'kept'], refusal: 'POLICY_DENIED' }

  test('signs in with the agent’s Entra token, lists, creates, deletes by polling', async () => {
    const done = await run({
      AUTHORITY: bench.api,
      TENANT: bench.tenant,
      CLIENT_ID: bench.appId(),
      ASSERTION: await bench.token(),
    })
    assert.deepEqual(done, DONE)
  })

  test('signs in as a managed identity of App Service, whose header is a ticket', async () => {
    const ticket = await bench.exchange(await bench.token(), TICKET)
    const endpoint = `${bench.api}/identity/oauth2/token`
    assert.deepEqual(await run({ IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: ticket }), DONE)
  })

  test('a token for one service is none for another, and Entra’s own for Azure is none here', async () => {
    const scoped = await bench.login('https://graph.microsoft.com/.default')
    assert.equal(
      await bench.codeOf(`/arm/subscriptions?api-version=2022-12-01`, scoped),
      'TICKET_RESOURCE',
    )
    const own = await bench.login(`${bench.door}/arm/.default`)
    assert.equal(await bench.codeOf('/graph/v1.0/users', own), 'TICKET_RESOURCE')
    const azure = await bench.entra.issueToken({
      kind: 'app',
      version: 1,
      audience: 'https://management.azure.com',
      appId: bench.appId(),
    })
    assert.match(await bench.codeOf('/arm/subscriptions?api-version=2022-12-01', azure), /^TOKEN_/)
    assert.match(
      await bench.login('https://management.azure.com/.default', azure),
      /^AADSTS\d+: .*\(TOKEN_/,
    )
  })

  test('every token that was issued is on the record', async () => {
    const records = await bench.records()
    assert.match(records, /ticket-issued/)
    assert.match(records, /azure-arm/)
  })
})
