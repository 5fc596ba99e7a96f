import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type pg from 'pg'
import type { MovableClock } from '../support/movable-clock.ts'
import { createMovableClock } from '../support/movable-clock.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import type { Mood, UnreliableFront } from '../support/unreliable-front.ts'
import { openUnreliableFront } from '../support/unreliable-front.ts'
import { within } from '../support/until.ts'
import { AUDIENCE } from '../world/config.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

/*
 * The identity provider, or Graph, on a bad day: who is in stays in, keys that are known go on being
 * used, others are refused with a code and within a bound, and when it is back nobody has to help.
 */

const skip = noPostgres()
const POLICY = `
name: all
subjects: { agents: [etl-*] }
rules:
  - id: all
    allow: { actions: [sql.select], objects: ['**'] }
  - id: not-for-contractors
    deny: { actions: [sql.select], objects: [sales.public.secrets] }
    when: "'contractors' in agent.groups"
`
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** The provider is asked again after this; see KEYS_RETRY_MS. */
const RETRY_MS = 10_000
/** FETCH_TIMEOUT_MS is 5 s; the rest is for a machine that is busy with other things. */
const BOUND_MS = 20_000

/** Hanging costs its whole bound each time, and comes once. */
const BAD: readonly Mood[] = ['refuses', 'garbage', 'error', 'empty', 'endless']

const ITS: Readonly<Record<Mood, string>> = {
  good: 'it answers',
  refuses: 'nothing listens',
  hangs: 'it takes questions and says nothing',
  garbage: 'it answers with a page of HTML',
  error: 'it answers with an error',
  empty: 'it answers with no keys',
  endless: 'its answer does not end',
}

let front: UnreliableFront
let clock: MovableClock
let bench: Bench
before(async () => {
  if (skip !== false) return
  process.env['CHAPERONE_TEST_GRAPH_SECRET'] = 'graph-secret'
  front = await openUnreliableFront()
  clock = createMovableClock()
  bench = await startBench({
    policies: { 'all.yaml': POLICY },
    schema: 'SELECT 1',
    inside: { clock },
    entra: { publicUrl: front.url },
    resource: '    session: { idle: 7h }',
    provider:
      'graphCredential: { from: environment, variable: CHAPERONE_TEST_GRAPH_SECRET, clientId: gateway }',
  })
  front.leadTo(bench.entra.listensAt)
  bench.entra.addApp({ clientId: 'gateway', name: 'gateway', secret: 'graph-secret' })
})
after(async () => {
  await bench?.stop()
  await front?.close()
})

async function signIn(password?: string): Promise<pg.Client> {
  const client = await bench.client(password === undefined ? {} : { password })
  await client.connect()
  return client
}

async function comesIn(password?: string): Promise<void> {
  const client = await signIn(password)
  await client.query('SELECT 1')
  await client.end()
}

async function isRefused(code: string, password?: string): Promise<void> {
  const refused = signIn(password).then(
    () => assert.fail('it was let in'),
    (error: unknown) => assert.equal(codeOf(error), code),
  )
  await within('the refusal', BOUND_MS, refused)
}

/** Ours, from the error's detail: `code=PROVIDER_UNAVAILABLE`. */
function codeOf(error: unknown): string | undefined {
  return /code=(\w+)/.exec(String((error as { detail?: string }).detail))?.[1]
}

for (const mood of BAD) {
  test(`from the start ${ITS[mood]}: nobody comes in`, { skip }, async () => {
    await front.setMood(mood)
    await isRefused('PROVIDER_UNAVAILABLE')
    const { asked } = front
    await isRefused('PROVIDER_UNAVAILABLE')
    assert.equal(front.asked, asked, 'a flood of sign-ins does not become a flood of questions')
    clock.advance_ms(RETRY_MS)
  })
}

test('when it is back, sign-ins work by themselves', { skip }, async () => {
  await front.setMood('good')
  await comesIn()
})

for (const mood of [...BAD, 'hangs'] as const) {
  test(`while ${ITS[mood]}, known keys go on being used`, { skip }, async () => {
    const before = await signIn()
    // Older than KEYS_REFRESH_MS: it is asked, in vain.
    clock.advance_ms(HOUR_MS)
    await front.setMood(mood)
    await within('a sign-in', BOUND_MS, comesIn())
    await before.query('SELECT 1')
    await before.end()
    await front.setMood('good')
    clock.advance_ms(RETRY_MS)
    await comesIn()
  })
}

test(
  'a key that is new while it is away is not believed, and is once it is back',
  { skip },
  async () => {
    await front.setMood('refuses')
    bench.entra.keys.rotate()
    clock.advance_ms(5 * MINUTE_MS)
    await isRefused('PROVIDER_UNAVAILABLE')
    await front.setMood('good')
    clock.advance_ms(RETRY_MS)
    await comesIn()
  },
)

test('away for longer than six hours: nobody new, but who is in stays in', { skip }, async () => {
  const inside = await signIn()
  await front.setMood('refuses')
  clock.advance_ms(6 * HOUR_MS)
  await isRefused('PROVIDER_UNAVAILABLE')
  await inside.query('SELECT 1')
  await inside.end()
  await front.setMood('good')
  clock.advance_ms(RETRY_MS)
  await comesIn()
})

test(
  'Graph away, and groups that are not in the token: refused, and back by itself',
  { skip },
  async () => {
    const overage = async () =>
      bench.entra.issueToken({ ...(await specOf('etl-1')), overage: true })
    await comesIn()
    for (const mood of ['refuses', 'garbage', 'error'] as const) {
      await front.setMood(mood)
      await isRefused('TOKEN_GROUPS_UNAVAILABLE', await overage())
    }
    await front.setMood('good')
    await comesIn(await overage())
  },
)

async function specOf(agent: string) {
  const [, claims = ''] = (await bench.token(agent)).split('.')
  const { oid, azp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
    oid: string
    azp: string
  }
  return { kind: 'app', audience: AUDIENCE, objectId: oid, appId: azp } as const
}
