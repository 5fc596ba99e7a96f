import { readFileSync } from 'node:fs'
import pg from 'pg'
import type { Stage } from './stage.ts'
import type { Cast } from './step.ts'

/** Brings the agent in. */
export async function cast(stage: Stage): Promise<Cast> {
  const token = await stage.agentToken()
  const agent = agentClient(stage, token)
  const notices: string[] = []
  agent.on('notice', ({ message }) => notices.push(message ?? ''))
  const ended = new Promise<string>((resolve) => {
    agent.on('error', (error) => resolve(error.message))
  })
  return { stage, agent, notices, ended, token }
}

export function agentClient(stage: Stage, password: string): pg.Client {
  return new pg.Client({
    host: '127.0.0.1',
    port: stage.postgresPort,
    user: 'etl',
    database: 'sales-db/postgres',
    password,
    ssl: { ca: readFileSync(stage.authorityFile, 'utf8') },
  })
}

/** What the server says as it refuses; rejects where it does not. */
export async function refused(running: Promise<unknown>): Promise<pg.DatabaseError> {
  try {
    await running
  } catch (error) {
    return error as pg.DatabaseError
  }
  throw new Error('it was not refused')
}
