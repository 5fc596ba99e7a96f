import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { agentClient, refused } from './agent.ts'
import type { ArmError } from './chapter-azure.ts'
import { arm, exchange } from './chapter-azure.ts'
import { cluster } from './chapter-kubernetes.ts'
import type { Items } from './people.ts'
import { asPerson } from './people.ts'
import type { Cast, Chapter } from './step.ts'
import { follow } from './web.ts'

/** What it takes at most until whatever is open has ended. */
const ENDING_MS_MAX = 5000

export const PEOPLE: Chapter = {
  title: 'The people: what was done is found, and the agent is stopped',
  steps: [
    {
      id: 'replayed',
      title: 'An auditor replays the session with the database from the records',
      did: 'chaperone sessions list; chaperone sessions replay ID',
      async play({ stage }) {
        const list = (await asPerson(stage, 'root', 'sessions', 'list')) as Items
        const { id, live } = list.items.find((one) => one.resource === 'sales-db' && one.live)!
        const replay = JSON.stringify(await asPerson(stage, 'root', 'sessions', 'replay', id))
        assert.ok(replay.includes('DROP TABLE orders'), 'the refused statement is recorded')
        assert.ok(!replay.includes('ada.brand'), 'no masked value is')
        assert.match(replay, /"rows":4/, 'the rows that the DELETE took are recorded')
        return { session: id, live }
      },
    },
    {
      id: 'searched',
      title: 'and finds every refused operation, whatever it was asked of',
      did: 'chaperone search "agent:etl-nightly verdict:deny"',
      async play({ stage }) {
        const query = 'agent:etl-nightly verdict:deny'
        const found = (await asPerson(stage, 'root', 'search', query)) as { items: unknown[] }
        const text = JSON.stringify(found)
        for (const words of ['DROP TABLE orders', 'namespaces', 'listKeys']) {
          assert.ok(text.includes(words), `${words} is not found`)
        }
        return { found: found.items.length }
      },
    },
    {
      id: 'revoked',
      title: 'An administrator revokes the agent: everything that it has open ends at once',
      did: 'chaperone agents revoke etl-nightly',
      async play(cast) {
        const { stage } = cast
        const path = '/cluster/api/v1/namespaces/prod/pods?watch=true'
        const watch = await follow(stage, `${stage.doorUrl}${path}`, cast.token)
        const started = performance.now()
        await asPerson(stage, 'root', 'agents', 'revoke', 'etl-nightly', '--reason', 'demo is over')
        const nothing = delay(ENDING_MS_MAX, 'nothing', { ref: false })
        const farewell = await Promise.race([cast.ended, nothing])
        const watchSaw = await Promise.race([watch.ended, nothing])
        const after_ms = Math.round(performance.now() - started)
        assert.match(farewell, /revoked/)
        assert.notEqual(watchSaw, 'nothing')
        return { connectionSaw: farewell, watchSaw, after_ms, ...(await tryAgain(cast)) }
      },
    },
  ],
}

/** Every way in, once more. */
async function tryAgain(cast: Cast): Promise<Readonly<Record<string, unknown>>> {
  const { stage } = cast
  const error = await refused(agentClient(stage, await stage.agentToken()).connect())
  assert.ok(error.code === '28000' || error.code === '57P01', String(error.code))
  const pods = await cluster(cast, '/api/v1/namespaces/prod/pods')
  assert.equal(pods.status, 403, pods.text)
  const groups = await arm(cast, '/resourcegroups?api-version=2021-04-01')
  assert.equal(groups.status, 403, groups.text)
  const token = await exchange(stage)
  assert.ok(token.status >= 400, 'it got a new token')
  return {
    newConnection: error.message,
    cluster: (pods.body as { message: string }).message,
    azure: (groups.body as ArmError).error.message,
    newToken: (token.body as { error_description: string }).error_description,
  }
}
