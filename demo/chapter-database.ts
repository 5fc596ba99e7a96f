import assert from 'node:assert/strict'
import { agentClient, refused } from './agent.ts'
import { asPerson, pendingApproval, ticketFor } from './people.ts'
import type { Chapter } from './step.ts'

const CONTACTS = 'SELECT id, name, email, card FROM customers ORDER BY id'
const DELETE = "DELETE FROM orders WHERE status = 'stuck'"

export const DATABASE: Chapter = {
  title: 'A database: PostgreSQL, by a PostgreSQL client',
  steps: [
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
        const whole = await agent.query(
          'SELECT to_jsonb(c) AS row FROM customers AS c WHERE id = 1',
        )
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
  ],
}
