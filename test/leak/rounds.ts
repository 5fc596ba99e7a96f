import pg from 'pg'
import type { Bench } from '../world/postgres.ts'
import type { Agent, Answer } from './agent.ts'
import { createAgent } from './agent.ts'
import type { Form } from './forms.ts'
import { AGENTS } from './schema.ts'
import type { Secrets } from './secrets.ts'
import { contents } from './secrets.ts'
import type { Query } from './shapes.ts'

/** A query, and how it is put to the gateway. */
export interface Asked {
  readonly query: Query
  readonly form: Form
}

export interface Round {
  /** What the server itself answers. */
  readonly truth: Answer
  readonly free: Answer
  readonly strict: Answer
}

/** Puts the secrets in place and asks everything: the server, and both agents. */
export async function askAll(
  bench: Bench,
  asked: readonly Asked[],
  secrets: Secrets,
): Promise<readonly Round[]> {
  await bench.server.adminQuery(contents(secrets))
  const clients = [
    directClient(bench),
    await bench.client({ agent: AGENTS.free }),
    await bench.client({ agent: AGENTS.strict }),
  ]
  const [server, free, strict] = (await Promise.all(clients.map(opened))) as [Agent, Agent, Agent]
  const rounds: Round[] = []
  for (const [turn, { query, form }] of asked.entries()) {
    const [truth, toFree, toStrict] = await Promise.all([
      server(query.sql, 'extended', turn),
      free(query.sql, form, turn),
      strict(query.sql, form, turn),
    ])
    rounds.push({ truth, free: toFree, strict: toStrict })
  }
  await Promise.all(clients.map((client) => client.end()))
  return rounds
}

/** A connection of its own, and everything that it is told for these queries. */
export async function askOne(
  bench: Bench,
  agent: string,
  asked: readonly { readonly sql: string; readonly form: Form }[],
): Promise<readonly Answer[]> {
  const client = await bench.client({ agent })
  const ask = await opened(client)
  const answers: Answer[] = []
  for (const [turn, { sql, form }] of asked.entries()) answers.push(await ask(sql, form, turn))
  await client.end()
  return answers
}

async function opened(client: pg.Client): Promise<Agent> {
  client.on('notice', () => {})
  await client.connect()
  // Compiling takes longer than any of these queries.
  await client.query('SET jit = off')
  return createAgent(client)
}

function directClient({ server }: Bench): pg.Client {
  const { host, port, user, password, database } = server
  return new pg.Client({ host, port, user, password, database, ssl: { rejectUnauthorized: false } })
}
