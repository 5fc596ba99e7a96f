import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Command } from 'commander'
import { createProgram } from '../../src/cli/program.ts'
import { systemClock } from '../../src/core/clock.ts'
import { noPostgres } from '../support/postgres-programs.ts'
import { until } from '../support/until.ts'
import type { Bench } from '../world/postgres.ts'
import { startBench } from '../world/postgres.ts'

const skip = noPostgres()
const POLICY = `
name: all
subjects: { agents: ['*'] }
rules:
  - { id: read, allow: { actions: [sql.select], objects: ['**'] } }
  - id: ask
    hold: { actions: [sql.delete], objects: ['**'] }
    approvers: { groups: ['{dba}'] }
    expires: 5m
`

/** What is run elsewhere: against an emulator of its own, or needs a terminal and a browser. */
const ELSEWHERE = new Set(['serve', 'login', 'kubeconfig', 'kube-credential', 'azure cloud-config'])

let bench: Bench
before(async () => {
  if (skip !== false) return
  bench = await startBench({
    policies: { 'p.yaml': POLICY },
    schema: 'CREATE TABLE t (id int); GRANT ALL ON t TO gateway',
  })
})
after(() => bench?.stop())

/** The commands that do something, by their words. */
function leaves(command: Command, words: readonly string[] = []): string[] {
  if (command.commands.length === 0) return [words.join(' ')]
  return command.commands.flatMap((one) => leaves(one, [...words, one.name()]))
}

function every(): string[] {
  const sink = { write() {}, colour: false }
  return leaves(
    createProgram({
      out: sink,
      err: sink,
      environment: {},
      folder: '',
      clock: systemClock,
      readInput: () => Promise.resolve(''),
      ask: undefined,
      sleep: () => Promise.resolve(),
    }),
  )
}

/** Starts a DELETE that waits for people; its request's id. */
async function held(): Promise<{ id: string; over: Promise<unknown> }> {
  const client = await bench.client()
  await client.connect()
  const over = client
    .query('DELETE FROM t')
    .catch(() => {})
    .then(() => client.end())
  const id = await until('a request', async () => {
    const { items } = (await bench.chaperone('approver', 'approvals', 'list')) as {
      items: { id: string; state: string }[]
    }
    return items.find(({ state }) => state === 'pending')?.id
  })
  return { id, over }
}

test('every command works against a gateway', { skip }, async () => {
  const done = new Set<string>()
  const as = async (who: 'approver' | 'admin' | 'auditor', command: string, ...words: string[]) => {
    done.add(command)
    return bench.chaperone(who, ...command.split(' '), ...words)
  }
  const file = (name: string) => join(bench.folder, name)
  await writeFile(file('token.jwt'), await bench.token())
  await writeFile(file('cases.yaml'), CASES)

  await as('admin', 'config check', file('chaperone.yaml'))
  await as('admin', 'token', '--token-file', file('token.jwt'))
  await as('auditor', 'whoami')
  await as('auditor', 'logout')

  const identity = ['--tenant', bench.entra.tenant, '--object-id', 'b6f3d8c4-0000-4000-8000-1']
  const facts = ['--owner', 'owner@example.com', '--purpose', 'a trial', '--label', 'env=test']
  await as('admin', 'agents add', 'trial', ...identity, ...facts)
  await as('admin', 'agents update', 'trial', '--purpose', 'another trial')
  const { purpose } = (await as('admin', 'agents show', 'trial')) as { purpose: string }
  assert.equal(purpose, 'another trial')
  await as('admin', 'agents revoke', 'trial', '--reason', 'a trial')
  await as('admin', 'agents restore', 'trial')
  await as('admin', 'agents remove', 'trial')
  const { items } = (await as('auditor', 'agents list')) as { items: { name: string }[] }
  assert.ok(!items.some(({ name }) => name === 'trial'))

  const first = await held()
  await as('approver', 'approvals list')
  await as('approver', 'approvals show', first.id)
  await as('approver', 'approvals approve', first.id, '--yes')
  await first.over
  const second = await held()
  await as('approver', 'approvals deny', second.id, '--reason', 'not today')
  await second.over

  const client = await bench.client()
  client.on('error', () => {})
  await client.connect()
  await client.query('SELECT * FROM t')
  const sessions = (await as('admin', 'sessions list')) as { items: { id: string }[] }
  const session = sessions.items[0]!.id
  await as('auditor', 'sessions show', session)
  await as('auditor', 'sessions replay', session)
  await as('admin', 'sessions end', session)
  await as('auditor', 'search', 'agent:etl-1')
  await as('auditor', 'resources list')

  const folder = file('policies')
  await as('admin', 'policy check', folder)
  await as('admin', 'policy test', folder, file('cases.yaml'))
  await as('admin', 'policy diff', folder, folder)
  await as('admin', 'policy replay', folder, file('records'))
  await as('admin', 'policy explain', folder, ...QUESTION)
  await as('admin', 'policy init')
  assert.deepEqual([...done, ...ELSEWHERE].sort(), every().sort())
})

const CASES = `
agent: { name: etl-1 }
resource: { name: sales-db, type: postgres }
catalog: { database: test, tables: { public.t: [id] } }
cases: [{ name: reads, sql: SELECT id FROM t, expect: allow }]
`
const QUESTION =
  '--agent etl-1 --resource sales-db --action sql.select --object test.public.t --part id'.split(
    ' ',
  )
