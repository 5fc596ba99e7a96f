import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { asPerson, ticketFor } from './people.ts'
import type { Stage } from './stage.ts'

/** One step: what it is called, what the agent (or person) did, and what they saw. */
export interface Step {
  readonly id: string
  readonly title: string
  readonly did: string
  /** Throws when the gateway did not do what it promises. */
  play(cast: Cast): Promise<unknown>
}

interface Cast {
  readonly stage: Stage
  agent: pg.Client
  readonly notices: string[]
  /** Set when the agent's connection has ended. */
  ended: Promise<string>
  session?: string
}

const CONTACTS = 'SELECT id, name, email, card FROM customers ORDER BY id'
const DELETE = "DELETE FROM orders WHERE status = 'stuck'"

export const STORY: readonly Step[] = [
  {
    id: 'connect',
    title: 'An agent connects with its own Entra token as the password',
    did: 'psql "host=… dbname=sales-db/ user=etl sslmode=verify-full"',
    async play(cast) {
      await cast.agent.connect()
      const { rows } = await cast.agent.query<{ answer: number }>('SELECT 1 AS answer')
      assert.deepEqual(rows, [{ answer: 1 }])
      return 'connected over verified TLS; the database password never left the gateway'
    },
  },
  {
    id: 'masked',
    title: 'It reads customers: email and card are masked as they stream',
    did: CONTACTS,
    async play({ agent }) {
      const { rows } = await agent.query<Record<string, unknown>>(CONTACTS)
      assert.equal(rows.length, 4)
      const seen = JSON.stringify(rows)
      assert.ok(!seen.includes('ada.brand'), 'an email came through')
      assert.ok(!seen.includes('4111'), 'a card came through')
      return rows
    },
  },
  {
    id: 'derived',
    title: 'Tricks do not help: expressions, JSON and views carry the mask along',
    did: 'SELECT to_jsonb(c) … ; SELECT contact FROM customer_contacts',
    async play({ agent }) {
      const whole = await agent.query('SELECT to_jsonb(c) AS row FROM customers AS c WHERE id = 1')
      const view = await agent.query('SELECT contact FROM customer_contacts WHERE id = 1')
      const seen = JSON.stringify([whole.rows, view.rows])
      assert.ok(!/ada\.brand/i.test(seen), 'an email came through')
      return [whole.rows[0], view.rows[0]]
    },
  },
  {
    id: 'detected',
    title: 'A card number in free text is found by its checksum',
    did: 'SELECT id, note FROM orders WHERE id = 7',
    async play({ agent }) {
      const { rows } = await agent.query('SELECT id, note FROM orders WHERE id = 7')
      assert.ok(!JSON.stringify(rows).includes('4111'), 'a card came through')
      return rows
    },
  },
  {
    id: 'denied',
    title: 'It tries to drop a table: refused before the database hears of it',
    did: 'DROP TABLE orders',
    async play({ agent }) {
      const error = await refused(agent.query('DROP TABLE orders'))
      assert.equal(error.code, '42501')
      assert.match(error.detail ?? '', /code=POLICY_DENIED policy=etl-on-sales rule=no-ddl/)
      const { rows } = await agent.query<{ count: string }>('SELECT count(*) FROM orders')
      assert.equal(rows[0]?.count, '40', 'the connection goes on, and the table is there')
      return { error: error.message, detail: error.detail, hint: error.hint }
    },
  },
  {
    id: 'held',
    title: 'It tries a DELETE: held until a human approves exactly that',
    did: DELETE,
    async play({ agent, stage, notices }) {
      const running = agent.query(DELETE)
      const id = await pendingApproval(stage)
      await asPerson(stage, 'dana', 'approvals', 'approve', id, '--yes', '--reason', 'cleanup')
      const { rowCount } = await running
      assert.equal(rowCount, 4)
      return { notice: notices.at(-1), approval: id, approvedBy: 'Dana Dba', deleted: rowCount }
    },
  },
  {
    id: 'refused-by-human',
    title: 'The next one a human refuses, and the agent is told why',
    did: DELETE.replace('stuck', 'paid'),
    async play({ agent, stage }) {
      const running = refused(agent.query(DELETE.replace('stuck', 'paid')))
      const id = await pendingApproval(stage)
      await asPerson(stage, 'dana', 'approvals', 'deny', id, '--reason', 'these are needed')
      const error = await running
      assert.match(error.detail ?? '', /APPROVAL_DENIED/)
      return { error: error.message, detail: error.detail }
    },
  },
  {
    id: 'replayed',
    title: 'An auditor replays the session from the records',
    did: 'chaperone sessions list; chaperone sessions replay ID',
    async play(cast) {
      const list = (await asPerson(cast.stage, 'root', 'sessions', 'list')) as Items
      cast.session = list.items[0]!.id
      const replay = JSON.stringify(
        await asPerson(cast.stage, 'root', 'sessions', 'replay', cast.session),
      )
      assert.ok(replay.includes('DROP TABLE orders'), 'the refused statement is recorded')
      assert.ok(!replay.includes('ada.brand'), 'no masked value is')
      assert.match(replay, /"rows":4/, 'the rows that the DELETE took are recorded')
      return { session: cast.session, live: list.items[0]!.live }
    },
  },
  {
    id: 'searched',
    title: 'and finds every refused operation',
    did: 'chaperone search "agent:etl-nightly verdict:deny"',
    async play({ stage }) {
      const query = 'agent:etl-nightly verdict:deny'
      const found = (await asPerson(stage, 'root', 'search', query)) as { items: unknown[] }
      assert.ok(found.items.length >= 1)
      assert.ok(JSON.stringify(found).includes('DROP TABLE orders'))
      return { found: found.items.length }
    },
  },
  {
    id: 'ticket',
    title: 'A tool with a short password field uses a ticket instead of the token',
    did: 'PGPASSWORD=$(chaperone token) psql …',
    async play({ stage }) {
      const ticket = await ticketFor(stage)
      assert.ok(ticket.length <= 128)
      const client = agentClient(stage, ticket)
      await client.connect()
      const { rows } = await client.query('SELECT count(*) FROM customers')
      await client.end()
      return { ticketCharacters: ticket.length, rows }
    },
  },
  {
    id: 'revoked',
    title: 'An administrator revokes the agent: its live connection ends at once',
    did: 'chaperone agents revoke etl-nightly',
    async play({ agent, stage, ended }) {
      const started = performance.now()
      await asPerson(stage, 'root', 'agents', 'revoke', 'etl-nightly', '--reason', 'demo is over')
      const farewell = await Promise.race([ended, delay(5000, 'nothing')])
      assert.match(farewell, /revoked/)
      const again = agentClient(stage, await stage.agentToken())
      const error = await refused(again.connect())
      assert.ok(error.code === '28000' || error.code === '57P01', String(error.code))
      void agent
      return {
        connectionSaw: farewell,
        after_ms: Math.round(performance.now() - started),
        newConnection: error.message,
      }
    },
  },
]

interface Items {
  readonly items: readonly { readonly id: string; readonly live: boolean }[]
}

/** Brings the agent in. */
export async function cast(stage: Stage): Promise<Cast> {
  const agent = agentClient(stage, await stage.agentToken())
  const notices: string[] = []
  agent.on('notice', ({ message }) => notices.push(message ?? ''))
  const ended = new Promise<string>((resolve) => {
    agent.on('error', (error) => resolve(error.message))
  })
  return { stage, agent, notices, ended }
}

function agentClient(stage: Stage, password: string): pg.Client {
  return new pg.Client({
    host: '127.0.0.1',
    port: stage.postgresPort,
    user: 'etl',
    database: 'sales-db/postgres',
    password,
    ssl: { ca: readFileSync(stage.authorityFile, 'utf8') },
  })
}

async function refused(running: Promise<unknown>): Promise<pg.DatabaseError> {
  try {
    await running
  } catch (error) {
    return error as pg.DatabaseError
  }
  throw new Error('it was not refused')
}

async function pendingApproval(stage: Stage): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const list = (await asPerson(stage, 'dana', 'approvals', 'list')) as Items
    if (list.items[0] !== undefined) return list.items[0].id
    await delay(50)
  }
  throw new Error('nobody was asked')
}
