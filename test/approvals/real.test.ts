import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { message } from '../../src/protocol/postgres/messages/writer.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import type { PostgresServer } from '../support/postgres-server.ts'
import { openRawClient, sendCancel, shown } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import type { Bench, Between } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

/** Approvals and cancels with a real server. */
const skip = noPostgres()

const POLICY = `
name: copies
subjects: { agents: [etl-*] }
rules:
  - id: read
    allow: { actions: [sql.select, sql.execute], objects: [sales.**] }
  - id: ask
    hold: { actions: [sql.insert], objects: [sales.public.notes] }
    approvers: { groups: ['{dba}'] }
    expires: 1m
  - id: only-what-is-seen
    deny: { actions: [sql.insert], objects: [sales.public.seen] }
    when: "'data' in op.unseen"
  - id: seen
    allow: { actions: [sql.insert], objects: [sales.public.seen] }
`

let bench: Bench
const line = slowLine()
before(async () => {
  if (skip !== false) return
  bench = await startBench({
    policies: { 'copies.yaml': POLICY },
    schema: `CREATE TABLE notes (n int); CREATE TABLE seen (n int);
      GRANT ALL ON ALL TABLES IN SCHEMA public TO gateway`,
    between: (server) => line.open(server),
  })
})
after(() => bench?.stop())

const query = (text: string) => message(0x51, text)

test('people are told that the rows of a COPY are not what they approve', { skip }, async () => {
  const client = await openRawClient(bench)
  client.say(query('COPY notes FROM STDIN'))
  const { body } = (await client.hearUntil('N')).at(-1)!
  const [, id = ''] = /approval ([0-9a-f-]+)/.exec(body) ?? []
  const request = (await bench.chaperone('approver', 'approvals', 'show', id)) as { text: string }
  assert.match(request.text, /^COPY notes FROM STDIN\n\nNot seen, and not approved: the rows/)
  await bench.chaperone('approver', 'approvals', 'approve', id, '--yes')
  await client.hearUntil('G')
  client.say(message(0x64, Buffer.from('7\n')), message(0x63))
  assert.equal(shown(await client.hear()), 'CZ')
  client.destroy()
})

test('a rule refuses what cannot be seen', { skip }, async () => {
  const client = await openRawClient(bench)
  client.say(query('COPY seen FROM STDIN'))
  assert.match(JSON.stringify(await client.hear()), /POLICY_DENIED.*only-what-is-seen/)
  client.say(query('INSERT INTO seen VALUES (1)'))
  assert.equal(shown(await client.hear()), 'CZ')
  client.destroy()
})

test('a cancel that is late at the target hits nothing that comes after', { skip }, async () => {
  await until('others are gone', () => line.open_now() === 0)
  const client = await openRawClient(bench)
  line.late_ms = 300
  client.say(query('SELECT pg_sleep(0.1)'))
  await delay(20)
  await sendCancel(bench, client.key)
  client.say(query('SELECT pg_sleep(0.5)'))
  line.late_ms = 0
  const heard = await client.hear(2)
  assert.equal(shown(heard).slice(-4), 'TDCZ', shown(heard))
  await until('its connection is closed', () => line.open_now() === 1)
  client.destroy()
})

/** Connections to the target that are passed on later, once that is asked for. */
function slowLine() {
  const sockets = new Set<Socket>()
  const line = {
    late_ms: 0,
    open_now: () => sockets.size,
    async open({ host, port }: PostgresServer): Promise<Between> {
      const server = createServer((socket) => {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
        socket.on('error', () => {})
        socket.pause()
        void delay(line.late_ms).then(() => {
          const target = connect(port, host)
          target.on('error', () => socket.destroy())
          socket.pipe(target).pipe(socket)
          socket.once('close', () => target.destroy())
          // Read on to the other side's end.
          target.once('close', () => socket.resume())
        })
      })
      await once(server.listen(0, '127.0.0.1'), 'listening')
      return {
        port: (server.address() as AddressInfo).port,
        async close() {
          for (const socket of sockets) socket.destroy()
          server.close()
          await once(server, 'close')
        },
      }
    },
  }
  return line
}
