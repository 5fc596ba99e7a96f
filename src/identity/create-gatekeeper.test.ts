import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, beforeEach, describe, mock, test } from 'node:test'
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'
import type { TokenSpec } from '../../emulator/entra/claims.ts'
import type { EntraEmulator } from '../../emulator/entra/server.ts'
import { startEntraEmulator } from '../../emulator/entra/server.ts'
import { createTestClock } from '../../test/support/test-clock.ts'
import type { Code } from '../core/codes.ts'
import { ChaperoneError } from '../core/errors.ts'
import { createAgentStore } from '../store/agent-store.ts'
import { createKeyStore } from '../store/key-store.ts'
import { openStore } from '../store/sqlite.ts'
import { createTicketStore } from '../store/ticket-store.ts'
import type { AgentRegistry } from './agents/agents.ts'
import { createAgentRegistry } from './agents/agents.ts'
import { createTickets } from './agents/tickets.ts'
import type { GatekeeperOptions } from './create-gatekeeper.ts'
import { createGatekeeper } from './create-gatekeeper.ts'
import type { SignInRefusal, TicketUse } from './gatekeeper.ts'
import { createProvider } from './providers/provider.ts'
import type { Wanted } from './sts.ts'
import { createTokenService } from './sts.ts'
import { createGatewayTokens } from './tokens/gateway-tokens.ts'
import { REFUSALS_TOLD_BURST, REFUSALS_TOLD_PER_SECOND, TRIALS_BURST } from './tokens/limits.ts'
import { createSigningKeys } from './tokens/signing-keys.ts'

const AUDIENCE = 'api://gateway'
const OID = '11111111-1111-4111-8111-111111111111'
const APP = '22222222-2222-4222-8222-222222222222'
const PERSON = '33333333-3333-4333-8333-333333333333'
const CLI = '44444444-4444-4444-8444-444444444444'
const HOUR_MS = 3_600_000
const FROM = { clientAddress: '192.0.2.1' }
const WHY = { by: 'dana', reason: 'test' }

describe('the gatekeeper and the token service', () => {
  const clock = createTestClock()
  let entra: EntraEmulator
  let system: ReturnType<typeof compose>

  function compose(more: Partial<GatekeeperOptions> = {}) {
    const store = openStore(':memory:')
    const refused: SignInRefusal[] = []
    const used: TicketUse[] = []
    const agents: AgentRegistry = createAgentRegistry({ store: createAgentStore(store), clock })
    const keys = createSigningKeys({ store: createKeyStore(store), clock })
    const gatewayTokens = createGatewayTokens({ issuer: 'urn:chaperone', keys, clock })
    const tickets = createTickets({
      store: createTicketStore(store),
      agents,
      clock,
      audience: 'urn:chaperone',
    })
    const { url: authority, tenant } = entra
    const provider = createProvider({ type: 'entra', tenant, audience: AUDIENCE, authority }, clock)
    const gatekeeper = createGatekeeper({
      providers: [provider],
      agents,
      tickets,
      gatewayTokens,
      clock,
      humanRoles: { approver: { groups: ['dba'] }, admin: { roles: ['Chaperone.Admin'] } },
      humanClients: [CLI],
      hooks: {
        refused: (refusal) => refused.push(refusal),
        ticketUsed: (use) => used.push(use),
      },
      ...more,
    })
    const sts = createTokenService({
      gatekeeper,
      tickets,
      gatewayTokens,
      clock,
      knowsResource: (name) => name.startsWith('db'),
    })
    agents.create({
      name: 'etl',
      tenant,
      objectId: OID,
      appId: APP,
      owner: 'dana',
      purpose: 'test',
    })
    return { store, refused, used, agents, keys, gatekeeper, sts }
  }

  const issue = (spec: Partial<TokenSpec> = {}): Promise<string> =>
    entra.issueToken({ kind: 'app', audience: AUDIENCE, objectId: OID, appId: APP, ...spec })
  const person = (spec: Partial<TokenSpec> = {}): Promise<string> =>
    issue({ kind: 'user', objectId: PERSON, appId: CLI, groups: ['dba'], ...spec })
  const exchange = async (wanted: Partial<Wanted> = {}, spec: Partial<TokenSpec> = {}) =>
    system.sts.exchange(await issue(spec), { type: 'ticket', ...FROM, ...wanted })
  const agentRefused = async (
    credential: string | Promise<string>,
    code: Code,
    attempt = {},
  ): Promise<void> => {
    const text = await credential
    await assert.rejects(system.gatekeeper.agent(text, { ...FROM, ...attempt }), { code })
    assert.equal(system.refused.at(-1)?.code, code)
  }
  const humanRefused = async (credential: string | Promise<string>, code: Code): Promise<void> => {
    await assert.rejects(system.gatekeeper.human(await credential, FROM), { code })
    assert.equal(system.refused.at(-1)?.code, code)
  }

  before(async () => {
    entra = await startEntraEmulator({ clock })
  })
  beforeEach(() => {
    system = compose()
  })
  after(() => entra.close())

  test('a registered agent comes in with its token', async () => {
    const principal = await system.gatekeeper.agent(await issue({ groups: ['g'] }), FROM)
    assert.equal(principal.agent.name, 'etl')
    assert.deepEqual([principal.via, principal.groups], ['token', ['g']])
    assert.equal(system.refused.length, 0)
  })

  test('an agent that acts for a user is found by its app id', async () => {
    const token = await issue({ kind: 'agent-for-user', objectId: PERSON, name: 'Dana' })
    const { agent, delegation } = await system.gatekeeper.agent(token, FROM)
    assert.equal(agent.name, 'etl')
    assert.equal(delegation?.objectId, PERSON)
  })

  test('an unregistered principal is refused, and told with what it claimed', async () => {
    await agentRefused(issue({ objectId: PERSON }), 'AGENT_UNKNOWN', { resource: 'db' })
    const { at_ms, ...refusal } = system.refused[0]!
    assert.equal(at_ms, clock.now_ms())
    assert.deepEqual(refusal, {
      code: 'AGENT_UNKNOWN',
      door: 'agent',
      clientAddress: '192.0.2.1',
      resource: 'db',
      claimed: {
        credential: 'token',
        issuer: `${entra.url}/${entra.tenant}/v2.0`,
        tenant: entra.tenant,
        objectId: PERSON,
        appId: APP,
      },
    })
  })

  test('the object id of one app with the token of another is nobody', async () => {
    await agentRefused(issue({ appId: CLI }), 'AGENT_UNKNOWN')
  })

  test('an agent that is disabled, expired or revoked', async () => {
    const early = await issue()
    system.agents.setAccess('etl', 'disabled', WHY)
    await agentRefused(issue(), 'AGENT_DISABLED')
    system.agents.setAccess('etl', 'enabled', WHY)
    await system.gatekeeper.agent(early, FROM)
    system.agents.setAccess('etl', 'revoked', WHY)
    system.agents.setAccess('etl', 'enabled', WHY)
    await agentRefused(early, 'SESSION_REVOKED')
    clock.advance_ms(1000)
    await system.gatekeeper.agent(await issue(), FROM)
    system.agents.update('etl', { expires: new Date(clock.now_ms()).toISOString() })
    await agentRefused(issue(), 'AGENT_EXPIRED')
  })

  test('nothing, and neither a token nor a ticket', async () => {
    await agentRefused('', 'CREDENTIAL_MISSING')
    await agentRefused('hunter2', 'CREDENTIAL_MALFORMED')
    assert.equal(JSON.stringify(system.refused).includes('hunter2'), false)
  })

  test('a person opens no agent door, an agent no human door', async () => {
    await agentRefused(person(), 'TOKEN_NOT_AGENT')
    await humanRefused(issue(), 'TOKEN_NOT_HUMAN')
    await humanRefused(issue({ kind: 'agent-for-user', appId: CLI }), 'TOKEN_NOT_HUMAN')
    await humanRefused((await exchange()).token, 'TOKEN_NOT_HUMAN')
    await humanRefused((await exchange({ type: 'access_token' })).token, 'TOKEN_NOT_HUMAN')
  })

  test("a person's token that an agent's app got, or an unlisted client, opens no door", async () => {
    await humanRefused(person({ appId: APP }), 'TOKEN_NOT_HUMAN')
    await humanRefused(person({ appId: PERSON }), 'TOKEN_NOT_HUMAN')
    await humanRefused(person({ objectId: OID }), 'TOKEN_NOT_HUMAN')
  })

  test('a person has the roles of groups and app roles, and without any is refused', async () => {
    const human = await system.gatekeeper.human(await person({ name: 'Dana' }), FROM)
    assert.deepEqual(human, {
      tenant: entra.tenant,
      objectId: PERSON,
      name: 'dana@emulator.example',
      groups: ['dba'],
      roles: ['approver'],
    })
    const both = await system.gatekeeper.human(await person({ roles: ['Chaperone.Admin'] }), FROM)
    assert.deepEqual(both.roles, ['approver', 'admin'])
    await humanRefused(person({ groups: ['other'] }), 'HUMAN_ROLE_MISSING')
  })

  const forged = async (spec: Partial<TokenSpec> = {}) => {
    const [header = '', claims = ''] = (await issue(spec)).split('.')
    return `${header}.${claims}.${randomBytes(256).toString('base64url')}`
  }

  test('failures of one address run out, and what is good opens its doors all the same', async () => {
    system = compose({ limits: { address: { burst: 2, perSecond: 1 } } })
    await agentRefused('x', 'CREDENTIAL_MALFORMED')
    await agentRefused(forged(), 'TOKEN_SIGNATURE')
    for (const wrong of ['x', await forged(), '', 'chp_wrong']) {
      await assert.rejects(system.gatekeeper.agent(wrong, FROM), { code: 'RATE_LIMITED' })
      await assert.rejects(system.gatekeeper.human(wrong, FROM), { code: 'RATE_LIMITED' })
    }
    await system.gatekeeper.agent(await issue(), FROM)
    await system.gatekeeper.human(await person({ name: 'Dana' }), FROM)
    await system.gatekeeper.agent((await exchange()).token, FROM)
  })

  test('a flood costs a bounded number of verifications, at each door, and none of known tokens', async () => {
    let verified = 0
    system = compose({ limits: { address: { burst: 1, perSecond: 0 } } })
    const known = await issue()
    await system.gatekeeper.agent(known, FROM)
    const wrong = await forged()
    await agentRefused(wrong, 'TOKEN_SIGNATURE')
    const { subtle } = globalThis.crypto
    const verify = mock.method(subtle, 'verify', () => {
      verified++
      return Promise.resolve(false)
    })
    try {
      for (let n = 0; n < TRIALS_BURST + 300; n++) {
        await assert.rejects(system.gatekeeper.agent(wrong, FROM), { code: 'RATE_LIMITED' })
      }
    } finally {
      verify.mock.restore()
    }
    assert.equal(verified, TRIALS_BURST)
    // Its token was good before; people have a door of their own.
    await system.gatekeeper.agent(known, FROM)
    await system.gatekeeper.human(await person({ name: 'Dana' }), FROM)
    await assert.rejects(system.gatekeeper.agent(await issue(), FROM), { code: 'RATE_LIMITED' })
    await system.gatekeeper.agent(await issue(), { clientAddress: '192.0.2.2' })
    clock.advance_ms(1000)
    await system.gatekeeper.agent(await issue(), FROM)
  })

  test('a flood of refusals is told in part, and counted', async () => {
    const counted: Code[] = []
    const told: SignInRefusal[] = []
    system = compose({
      limits: { address: { burst: 5, perSecond: 1 } },
      hooks: { refused: (one) => told.push(one), refusedUntold: (code) => counted.push(code) },
    })
    const wrong = (from = FROM) =>
      assert.rejects(system.gatekeeper.agent('x', from), ChaperoneError)
    for (let n = 0; n < 105; n++) await wrong()
    assert.deepEqual([told.length, counted.length], [5, 100])
    await wrong({ clientAddress: '192.0.2.2' })
    assert.equal(told.at(-1)?.untold, undefined)
    clock.advance_ms(1000)
    await wrong()
    assert.equal(told.at(-1)?.untold, 100)
    // Nor do many addresses together fill a disk.
    for (let n = 0; n < 2 * REFUSALS_TOLD_BURST; n++) {
      await wrong({ clientAddress: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}` })
    }
    assert.ok(told.length <= REFUSALS_TOLD_BURST + REFUSALS_TOLD_PER_SECOND)
  })

  test('sign-ins of one principal run out, from any address', async () => {
    system = compose({ limits: { principal: { burst: 1, perSecond: 1 } } })
    await system.gatekeeper.agent(await issue(), FROM)
    const attempt = system.gatekeeper.agent(await issue(), { clientAddress: '192.0.2.2' })
    await assert.rejects(attempt, { code: 'RATE_LIMITED', hint: /signInsPerSecond/ })
  })

  test('naming somebody in a forged token takes nothing from them', async () => {
    system = compose({ limits: { principal: { burst: 1, perSecond: 0 } } })
    const [header = '', claims = ''] = (await issue()).split('.')
    const forged = `${header}.${claims}.${Buffer.alloc(256).toString('base64url')}`
    await agentRefused(forged, 'TOKEN_SIGNATURE')
    await system.gatekeeper.agent(await issue(), FROM)
  })

  test('a ticket stands for the agent, is short, and its use is told', async () => {
    const issued = await exchange({ resource: 'db' }, { groups: ['g'] })
    assert.equal(issued.token.length, 53)
    assert.equal(issued.agent, 'etl')
    const principal = await system.gatekeeper.agent(issued.token, FROM)
    assert.deepEqual(
      [principal.via, principal.agent.name, principal.groups, principal.onlyResource],
      ['ticket', 'etl', ['g'], 'db'],
    )
    await system.gatekeeper.agent(issued.token, { ...FROM, resource: 'db' })
    assert.deepEqual(
      system.used.map(({ uses, agent }) => [uses, agent]),
      [
        [1, 'etl'],
        [2, 'etl'],
      ],
    )
  })

  test('tickets are stored as digests alone', async () => {
    const { token } = await exchange()
    const rows = system.store.database.prepare('SELECT * FROM ticket').all()
    assert.equal(rows.length, 1)
    assert.equal(JSON.stringify(rows).includes(token.slice(4, 47)), false)
  })

  test('a ticket for another resource, changed, unknown, past or revoked', async () => {
    const { token } = await exchange({ resource: 'db' })
    await agentRefused(token, 'TICKET_RESOURCE', { resource: 'db2' })
    const swapped = token.at(10) === 'a' ? 'b' : 'a'
    await agentRefused(`${token.slice(0, 10)}${swapped}${token.slice(11)}`, 'CREDENTIAL_MALFORMED')
    await agentRefused(`${token}x`, 'CREDENTIAL_MALFORMED')
    const elsewhere = compose()
    const foreign = await elsewhere.sts.exchange(await issue(), { type: 'ticket', ...FROM })
    await agentRefused(foreign.token, 'TICKET_UNKNOWN')
    const short = await exchange({ lifetime_ms: 1000 })
    clock.advance_ms(1000)
    await agentRefused(short.token, 'TICKET_EXPIRED')
    system.agents.setAccess('etl', 'disabled', WHY)
    system.agents.setAccess('etl', 'enabled', WHY)
    await agentRefused(token, 'TICKET_UNKNOWN')
  })

  test('a ticket of another gateway that keeps its state in the same place', async () => {
    const { store, agents, gatekeeper } = system
    const parts = { store: createTicketStore(store), agents, clock }
    const principal = await gatekeeper.agent(await issue(), FROM)
    const expiresAt_ms = clock.now_ms() + 60_000
    const issuedBy = (audience: string): string =>
      createTickets({ ...parts, audience }).issue({ principal, expiresAt_ms })
    await agentRefused(issuedBy('urn:elsewhere'), 'TOKEN_AUDIENCE')
    assert.equal((await gatekeeper.agent(issuedBy('urn:chaperone'), FROM)).via, 'ticket')
  })

  test('tickets and tokens are judged by the time of day, wherever it was set to', async () => {
    const { token: ticket } = await exchange()
    const token = await issue()
    clock.jump_ms(25 * HOUR_MS)
    await agentRefused(ticket, 'TICKET_EXPIRED')
    await agentRefused(token, 'TOKEN_EXPIRED')
    clock.jump_ms(-50 * HOUR_MS)
    await agentRefused(token, 'TOKEN_NOT_YET_VALID')
    clock.jump_ms(25 * HOUR_MS)
    await system.gatekeeper.agent(ticket, FROM)
    await system.gatekeeper.agent(token, FROM)
  })

  test('a ticket of an agent that is no longer there', async () => {
    const { token } = await exchange()
    system.agents.remove('etl')
    await agentRefused(token, 'TICKET_UNKNOWN')
  })

  test('a gateway token carries what the agent is, and is checked like any other', async () => {
    const scope = 'https://storage.azure.com/.default'
    const issued = await exchange({ type: 'access_token', resource: 'db', scope }, { roles: ['r'] })
    const claims = decodeJwt(issued.token)
    assert.deepEqual([claims.iss, claims.aud, claims.sub], ['urn:chaperone', 'urn:chaperone', OID])
    assert.equal(claims['scope'], scope)
    const principal = await system.gatekeeper.agent(issued.token, { ...FROM, resource: 'db' })
    assert.deepEqual([principal.via, principal.roles], ['gateway-token', ['r']])
    await agentRefused(issued.token, 'TICKET_RESOURCE', { resource: 'db2' })
    const elsewhere = compose()
    const foreign = await elsewhere.sts.exchange(await issue(), { type: 'access_token', ...FROM })
    await agentRefused(foreign.token, 'TOKEN_KEY_UNKNOWN')
    clock.advance_ms(HOUR_MS + 60_000)
    await agentRefused(issued.token, 'TOKEN_EXPIRED')
  })

  test('a gateway token that claims the issuer under a key of its maker', async () => {
    const { token } = await exchange({ type: 'access_token' })
    const { kid = '' } = decodeProtectedHeader(token)
    const hmac = await new SignJWT(decodeJwt(token))
      .setProtectedHeader({ alg: 'HS256', kid, typ: 'at+jwt' })
      .sign(Buffer.from(JSON.stringify(system.keys.jwks().keys[0])))
    await agentRefused(hmac, 'TOKEN_ALGORITHM')
    const [header = '', , signature = ''] = token.split('.')
    const claims = Buffer.from(JSON.stringify({ ...decodeJwt(token), roles: ['x'] }))
    await agentRefused(`${header}.${claims.toString('base64url')}.${signature}`, 'TOKEN_SIGNATURE')
  })

  test('a revoked agent has no gateway tokens left, even when it is let in again', async () => {
    const { token } = await exchange({ type: 'access_token' })
    system.agents.setAccess('etl', 'revoked', WHY)
    await agentRefused(token, 'AGENT_DISABLED')
    system.agents.setAccess('etl', 'enabled', WHY)
    await agentRefused(token, 'SESSION_REVOKED')
  })

  test('only a provider token is exchanged, for a known resource and a sane lifetime', async () => {
    for (const type of ['ticket', 'access_token'] as const) {
      const { token } = await exchange({ type })
      const again = system.sts.exchange(token, { type: 'access_token', ...FROM })
      const code = type === 'ticket' ? 'CREDENTIAL_MALFORMED' : 'TOKEN_ISSUER'
      await assert.rejects(again, { code })
    }
    await assert.rejects(exchange({ resource: 'x' }), { code: 'RESOURCE_UNKNOWN' })
    for (const bad of [{ lifetime_ms: 0 }, { lifetime_ms: Number.NaN }, { scope: 'a\nb' }]) {
      await assert.rejects(exchange(bad), { code: 'REQUEST_INVALID' })
    }
    const human = system.sts.exchange(await person(), { type: 'ticket', ...FROM })
    await assert.rejects(human, { code: 'TOKEN_NOT_AGENT' })
  })

  test('what is issued never outlives the token, the registration or its own bound', async () => {
    const left = (at_ms: number): number => at_ms - clock.now_ms()
    const day = { expiresIn_s: 86_400 }
    const long = { lifetime_ms: 100 * HOUR_MS }
    for (const type of ['ticket', 'access_token'] as const) {
      assert.equal(left((await exchange({ type, ...long }, day)).expiresAt_ms), HOUR_MS)
      const short = await exchange({ type, ...long }, { expiresIn_s: 60 })
      assert.equal(left(short.expiresAt_ms), 60_000)
    }
    const expires = new Date(clock.now_ms() + 5000).toISOString()
    system.agents.update('etl', { expires })
    assert.equal(left((await exchange()).expiresAt_ms), 5000)
  })

  test('signing keys rotate; what the past one signed stays good until it is past', async () => {
    const { token } = await exchange({ type: 'access_token' })
    clock.advance_ms(24 * HOUR_MS - 1000)
    const late = await exchange({ type: 'access_token' })
    assert.equal(system.keys.jwks().keys.length, 1)
    clock.advance_ms(1000)
    const next = await exchange({ type: 'access_token' })
    assert.notEqual(decodeProtectedHeader(late.token).kid, decodeProtectedHeader(next.token).kid)
    assert.equal(decodeProtectedHeader(late.token).kid, decodeProtectedHeader(token).kid)
    assert.equal(system.keys.jwks().keys.length, 2)
    for (const one of [late, next]) await system.gatekeeper.agent(one.token, FROM)
    clock.advance_ms(HOUR_MS + 61_000)
    assert.equal(system.keys.jwks().keys.length, 1)
    await agentRefused(late.token, 'TOKEN_EXPIRED')
    const published = JSON.stringify(system.keys.jwks())
    assert.equal(/"d"/.test(published), false)
  })

  test('what a hook cannot record is not let in', async () => {
    system = compose({
      hooks: {
        ticketUsed: () => {
          throw new Error('disk')
        },
      },
    })
    const { token } = await exchange()
    await assert.rejects(system.gatekeeper.agent(token, FROM), { code: 'INTERNAL' })
  })

  test('a token that was asked for one service opens nothing of another', async () => {
    const service = 'azure-storage' as const
    const { token } = await exchange({ type: 'access_token', service })
    const storage = { resource: 'blobs', resourceType: 'azure-storage' as const }
    const principal = await system.gatekeeper.agent(token, { ...FROM, ...storage })
    assert.deepEqual(principal.onlyTypes, ['azure-storage'])
    await agentRefused(token, 'TICKET_RESOURCE', { resource: 'arm', resourceType: 'azure-arm' })
    // Where the door says nothing of its type, it is none of that service.
    await agentRefused(token, 'TICKET_RESOURCE', { resource: 'db1' })
    await agentRefused(token, 'TICKET_RESOURCE')
  })

  test('a ticket is narrowed to one service and outlives itself in no way', async () => {
    const service = 'azure-arm' as const
    const ticket = await exchange({ resource: 'db1' })
    const wanted = { type: 'access_token' as const, service, ...FROM }
    const narrowed = await system.sts.narrow(ticket.token, wanted)
    assert.ok(narrowed.expiresAt_ms <= ticket.expiresAt_ms)
    const arm = { resourceType: 'azure-arm' as const }
    await agentRefused(narrowed.token, 'TICKET_RESOURCE', { resource: 'arm', ...arm })
    await assert.rejects(system.sts.narrow(await issue(), wanted), { code: 'CREDENTIAL_MALFORMED' })
    await assert.rejects(system.sts.narrow(narrowed.token, wanted), {
      code: 'CREDENTIAL_MALFORMED',
    })
  })

  test('who names another client or tenant than the token’s gets nothing', async () => {
    const other = '99999999-9999-4999-8999-999999999999'
    await assert.rejects(exchange({ client: { id: other } }), { code: 'REQUEST_INVALID' })
    await assert.rejects(exchange({ client: { tenant: other } }), { code: 'TOKEN_TENANT' })
    await exchange({ client: { id: APP } })
  })
})
