import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { runWith, startGateway } from '../../test/support/cli/gateway.ts'

const agent = {
  name: 'etl',
  tenant: 't',
  objectId: 'o',
  owner: 'ann',
  purpose: 'nightly \u001b[2Jload',
  labels: { env: 'prod' },
  disabled: false,
}

const approval = {
  id: 'a1',
  state: 'pending',
  requestedAt: '2026-11-24T09:00:00.000Z',
  expiresAt: '2026-11-24T09:15:00.000Z',
  agent: { name: 'etl', owner: 'ann', purpose: 'load' },
  resource: { name: 'sales-db', type: 'postgres' },
  kind: 'UPDATE',
  text: 'UPDATE t\nSET a = 1 \u202e-- x',
  parameters: ['5', null],
  hiddenCharacters: true,
  digest: 'd1',
  rules: [{ policy: 'p', rule: 'r' }],
  asked: '1 of group dba',
  answers: [],
}

const gateway = await startGateway({
  'GET /v1/agents': { body: { items: [agent], next: 'etl' } },
  'PATCH /v1/agents/etl': { body: agent },
  'POST /v1/agents': { status: 201, body: agent },
  'DELETE /v1/agents/etl': { status: 204 },
  'POST /v1/agents/etl/revoke': { body: { agent, sessions: 2, approvals: 1 } },
  'GET /v1/approvals': { body: { items: [approval] } },
  'GET /v1/approvals/a1': { body: approval },
  'POST /v1/approvals/a1/approve': { body: { ...approval, state: 'approved' } },
  'POST /v1/approvals/a1/deny': { body: { ...approval, state: 'denied' } },
  'GET /v1/search': {
    body: {
      items: [
        {
          time: 0,
          query_info: { query_string: 'SELECT 1;\nSELECT 2' },
          unmapped: { chaperone: { kind: 'operation.intent', agent: 'etl', verdict: 'allow' } },
        },
      ],
    },
  },
  'GET /v1/resources': { body: 'nonsense' },
  'GET /v1/sessions/s1': {
    body: {
      session: {
        id: 's1',
        agent: 'etl',
        resource: 'db',
        protocol: 'postgres',
        clientAddress: '::1',
        startedAt: '2026-11-24T09:00:00.000Z',
        live: false,
        counts: { operations: 3, denied: 1, held: 0, rows: 12 },
      },
      events: [
        {
          time: Date.UTC(2026, 10, 24, 9, 1),
          query_info: { query_string: 'SELECT \u001b[2J1' },
          unmapped: {
            chaperone: {
              operation: 's1.1',
              statement: 'SELECT',
              verdict: 'allow',
              kind: 'operation.intent',
            },
          },
        },
      ],
    },
  },
  'GET /v1/sessions': {
    status: 403,
    body: {
      error: { code: 'HUMAN_ROLE_MISSING', message: 'No role.', hint: 'Ask.', requestId: 'r' },
    },
  },
  'POST /v1/token': { body: { access_token: 'cht_ticket', expires_in: 60 } },
})
after(() => gateway.close())
const api = ['--api', gateway.address]
const last = () => gateway.asked.at(-1)

describe('output', () => {
  it('is an aligned table, in which no text can drive the terminal', async () => {
    const ran = await runWith([...api, 'agents', 'list'])
    assert.equal(
      ran.out,
      'NAME  OWNER  ACCESS   EXPIRES  PURPOSE\n' +
        'etl   ann    enabled  -        nightly \\u001b[2Jload\n',
    )
    assert.equal(ran.err, 'There is more: --after etl\n')
    assert.equal(ran.code, 0)
  })

  it('is JSON for programs, wherever --json stands', async () => {
    for (const words of [
      [...api, '--json', 'agents', 'list'],
      ['agents', 'list', '--json', ...api],
    ]) {
      const ran = await runWith(words)
      assert.deepEqual(JSON.parse(ran.out), { items: [agent], next: 'etl' })
      assert.ok(!ran.out.includes('\u001b'))
    }
  })

  it('shows statements whole, with what would hide in them', async () => {
    const ran = await runWith([...api, 'approvals', 'show', 'a1'])
    assert.ok(ran.out.includes('    UPDATE t\n    SET a = 1 \\u202e-- x\n'))
    assert.ok(ran.out.includes('$1 = "5"'))
    assert.ok(ran.out.includes('$2 = NULL'))
    assert.ok(ran.out.includes('Careful'))
  })

  it('shows records as lines', async () => {
    const ran = await runWith([...api, 'search', 'agent:etl', '"a b"'])
    assert.equal(
      ran.out,
      '1970-01-01 00:00:00  etl  operation.intent  allow\n    SELECT 1;\n    SELECT 2\n',
    )
    const asked = new URL(`http://x${last()?.url}`)
    assert.equal(asked.searchParams.get('q'), 'agent:etl "a b"')
  })
})

describe('sessions replay', () => {
  it('tells what was done, when, and what was decided', async () => {
    const ran = await runWith([...api, 'sessions', 'replay', 's1'])
    assert.equal(
      ran.out,
      'Session s1 of etl on db (postgres) from ::1, 2026-11-24T09:00:00.000Z\n' +
        '+00:01:00.000 SELECT, allowed\n' +
        '                 SELECT \\u001b[2J1\n',
    )
  })
})

describe('errors', () => {
  it('of the gateway: code, message and hint; exit code 1', async () => {
    const ran = await runWith([...api, 'sessions', 'list'])
    assert.equal(ran.err, 'HUMAN_ROLE_MISSING: No role.\n  hint: Ask.\n')
    assert.equal(ran.code, 1)
  })

  it('as JSON for programs', async () => {
    const ran = await runWith([...api, '--json', 'sessions', 'list'])
    const { error } = JSON.parse(ran.err) as { error: { code: string } }
    assert.equal(error.code, 'HUMAN_ROLE_MISSING')
  })

  it('of usage: exit code 2', async () => {
    for (const words of [['agents', 'lst'], ['--nonsense'], ['agents', 'add', 'x'], ['serve']]) {
      assert.equal((await runWith(words)).code, 2, words.join(' '))
    }
    assert.equal((await runWith(['--help'])).code, 0)
  })

  it('of the network: exit code 3', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const ran = await runWith(['--api', `http://127.0.0.1:${port}`, 'agents', 'list'])
    assert.match(ran.err, /^API_UNREACHABLE: .*ECONNREFUSED/)
    assert.equal(ran.code, 3)
  })

  it('of an answer that is none: exit code 3', async () => {
    assert.equal((await runWith([...api, 'resources', 'list'])).code, 3)
  })

  it('of plain http to elsewhere, before anything is sent', async () => {
    const ran = await runWith(['--api', 'http://gateway.example', 'agents', 'list'])
    assert.match(ran.err, /^API_UNREACHABLE: Plain http is refused/)
  })

  it('of a configuration: every problem with its place; exit code 2', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'cli-')), 'c.yaml')
    writeFileSync(file, 'lisen: {}\n')
    const ran = await runWith(['config', 'check', file])
    assert.match(ran.err, /^CONFIG_INVALID: 4 problems\n/)
    assert.ok(ran.err.includes(`  ${file}:1:1: lisen: unknown key \`lisen\`\n`))
    assert.ok(ran.err.includes('    hint: did you mean `listen`?\n'))
    assert.equal(ran.code, 2)
  })
})

describe('agents', () => {
  it('add sends what was given, with labels', async () => {
    const words = ['agents', 'add', 'etl', '--tenant', 't', '--object-id', 'o', '--owner', 'ann']
    await runWith([...api, ...words, '--purpose', 'p', '--label', 'env=prod', 'a=b=c'])
    assert.deepEqual(JSON.parse(last()?.body ?? ''), {
      name: 'etl',
      tenant: 't',
      objectId: 'o',
      owner: 'ann',
      purpose: 'p',
      labels: { env: 'prod', a: 'b=c' },
    })
    assert.equal(last()?.authorization, 'Bearer human-token')
  })

  it('update can take the expiry away, and wants something to change', async () => {
    await runWith([...api, 'agents', 'update', 'etl', '--no-expires'])
    assert.deepEqual(JSON.parse(last()?.body ?? ''), { expires: null })
    assert.equal((await runWith([...api, 'agents', 'update', 'etl'])).code, 2)
  })

  it('remove and revoke say what happened', async () => {
    assert.equal((await runWith([...api, 'agents', 'remove', 'etl'])).out, 'Removed etl\n')
    const ran = await runWith([...api, 'agents', 'revoke', 'etl', '--reason', 'left'])
    assert.equal(ran.out, 'Revoked etl: 2 sessions and 1 waiting approvals ended\n')
    assert.deepEqual(JSON.parse(last()?.body ?? ''), { reason: 'left' })
  })

  it('names cannot leave their place in the address', async () => {
    await runWith([...api, 'agents', 'show', '../me?x=1'])
    assert.equal(last()?.url, '/v1/agents/..%2Fme%3Fx%3D1')
  })
})

describe('approvals', () => {
  it('approve binds the answer to what was shown', async () => {
    const ran = await runWith([...api, 'approvals', 'approve', 'a1', '--yes', '--reason', 'ok'])
    assert.ok(ran.err.includes('UPDATE t'))
    assert.deepEqual(JSON.parse(last()?.body ?? ''), { reason: 'ok', digest: 'd1' })
    assert.equal(ran.out, 'a1 is approved\n')
  })

  it('approve asks a person, and takes only yes', async () => {
    for (const [reply, code] of [
      ['yes', 0],
      ['y', 2],
      ['', 2],
    ] as const) {
      const ran = await runWith([...api, 'approvals', 'approve', 'a1'], {
        ask: () => Promise.resolve(reply),
      })
      assert.equal(ran.code, code, reply)
    }
  })

  it('approve does nothing unseen where nobody can be asked', async () => {
    const before = gateway.asked.filter((one) => one.method === 'POST').length
    assert.equal((await runWith([...api, 'approvals', 'approve', 'a1'])).code, 2)
    assert.equal(gateway.asked.filter((one) => one.method === 'POST').length, before)
  })

  it('list asks for pending ones, if not told otherwise', async () => {
    await runWith([...api, 'approvals', 'list'])
    assert.equal(last()?.url, '/v1/approvals?state=pending')
    await runWith([...api, 'approvals', 'list', '--state', 'all'])
    assert.equal(last()?.url, '/v1/approvals')
  })
})

describe('token', () => {
  it('prints the ticket and nothing else', async () => {
    const ran = await runWith([...api, 'token', '--token-file', '-', '--resource', 'sales-db'], {
      readInput: () => Promise.resolve('agent.jwt.x\n'),
    })
    assert.deepEqual([ran.out, ran.err, ran.code], ['cht_ticket\n', '', 0])
    const form = new URLSearchParams(last()?.body)
    assert.equal(form.get('subject_token'), 'agent.jwt.x')
    assert.equal(form.get('requested_token_type'), 'urn:chaperone:token-type:ticket')
    assert.equal(form.get('resource'), 'sales-db')
    assert.equal(last()?.authorization, undefined)
  })

  it('takes the token from the environment, and does not repeat what is none', async () => {
    const environment = { CHAPERONE_AGENT_TOKEN: 'secret one' }
    const ran = await runWith([...api, 'token'], { environment })
    assert.equal(ran.code, 2)
    assert.ok(!ran.err.includes('secret'))
    assert.equal((await runWith([...api, 'token'], { environment: {} })).code, 2)
  })
})

describe('sign-in', () => {
  it('by device code: waits, keeps the token for its owner alone, and forgets it', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'cli-')), 'chaperone')
    const polls = [
      { status: 400, body: { error: 'authorization_pending' } },
      { status: 400, body: { error: 'slow_down' } },
      { body: { access_token: 'person', expires_in: 3600 } },
    ]
    const me = { name: 'Ann', tenant: 't', objectId: 'o', roles: ['admin'], groups: [] }
    const here = await startGateway({
      'GET /v1/sign-in': () => ({
        body: { issuer: here.address, clientId: 'c', scope: 's' },
      }),
      'GET /.well-known/openid-configuration': () => ({
        body: {
          device_authorization_endpoint: `${here.address}/device`,
          token_endpoint: `${here.address}/token`,
        },
      }),
      'POST /device': {
        body: {
          device_code: 'dc',
          user_code: 'ABCD',
          verification_uri: 'https://login.example/device',
          expires_in: 900,
          interval: 1,
        },
      },
      'POST /token': () => polls.shift() ?? { status: 400, body: { error: 'expired_token' } },
      'GET /v1/me': { body: me },
    })
    const waits: number[] = []
    const change = {
      folder,
      environment: { CHAPERONE_API: here.address },
      sleep: (time_ms: number) => Promise.resolve(void waits.push(time_ms)),
    }
    const ran = await runWith(['login'], change)
    assert.equal(ran.err, 'Open https://login.example/device and type ABCD\n')
    assert.equal(ran.out, 'Signed in as Ann\n')
    assert.deepEqual(waits, [1000, 1000, 6000])

    const file = join(folder, 'tokens.json')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.ok((await runWith(['whoami'], change)).out.includes('Ann'))
    assert.equal(here.asked.at(-1)?.authorization, 'Bearer person')

    const late = { ...change, clock: { now_ms: () => 4_000_000 } }
    assert.match((await runWith(['whoami'], late)).err, /^TOKEN_EXPIRED/)
    chmodSync(file, 0o644)
    assert.match((await runWith(['whoami'], change)).err, /^CONFIG_UNREADABLE/)
    chmodSync(file, 0o600)

    assert.equal((await runWith(['logout'], change)).out, 'Signed out\n')
    assert.match((await runWith(['whoami'], change)).err, /^CREDENTIAL_MISSING/)
    assert.match((await runWith(['login'], change)).err, /expired_token/)
    here.close()
  })
})
