import { once } from 'node:events'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Bench } from '../world/postgres.ts'
import type { BypassCase } from './case.ts'
import { AGENT_OF } from './policies.ts'

/** Everything that came of a case. */
export interface Played {
  /** Every byte that the client got after it had signed in, as Latin-1 text. */
  readonly seen: string
  /** The code of the gateway's refusal of the last step. */
  readonly code?: string
  /** The target's error of the last step, or any error of an earlier one. */
  readonly error?: string
  readonly held: boolean
  /** What the server logged meanwhile. */
  readonly serverLog: string
}

const HELD_MS = 5000
const RAW = { getTypeParser: () => (value: unknown) => value }

export async function play(bench: Bench, one: BypassCase): Promise<Played> {
  const client = await bench.client({ agent: AGENT_OF[one.policy ?? 'reader'] })
  client.on('error', () => {})
  await client.connect()
  const chunks: Buffer[] = []
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  // The client's parser writes over what it was given, so a copy is kept before it comes to that.
  stream.prependListener('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)))
  const logStart = statSync(bench.server.logFile).size
  let outcome: Pick<Played, 'code' | 'error' | 'held'> = { held: false }
  try {
    if (one.policy === 'writer') await client.query('BEGIN')
    for (const [index, step] of one.steps.entries()) {
      const last = index === one.steps.length - 1
      outcome =
        last && one.expect === 'held'
          ? await hold(client, step)
          : await run(client, one, step, last)
      if (!last && outcome.error !== undefined) break
      if (!last && outcome.code !== undefined) {
        outcome = { held: false, error: `step ${index + 1} was refused: ${outcome.code}` }
        break
      }
    }
  } finally {
    if (outcome.held) stream.destroy()
    else await client.end()
  }
  const seen = Buffer.concat(chunks).toString('latin1')
  return { ...outcome, seen, serverLog: readFrom(bench.server.logFile, logStart) }
}

async function run(
  client: pg.Client,
  { mode = 'simple', values }: BypassCase,
  text: string,
  last: boolean,
): Promise<Pick<Played, 'code' | 'error' | 'held'>> {
  const query = { text, rowMode: 'array', types: RAW }
  const extended = mode === 'simple' ? {} : { queryMode: 'extended', binary: mode === 'binary' }
  const given = last && values !== undefined ? { values } : {}
  try {
    await client.query({ ...query, ...extended, ...given } as unknown as pg.QueryConfig)
    return { held: false }
  } catch (error) {
    const { routine, detail = '', code = '', message } = error as pg.DatabaseError
    const refused = routine === 'chaperone' ? /code=([A-Z_]+)/.exec(detail)?.[1] : undefined
    if (refused !== undefined) return { held: false, code: refused }
    return { held: false, error: `${code} ${message}` }
  }
}

async function hold(client: pg.Client, text: string) {
  const running = client.query(text).then(
    () => false,
    () => false,
  )
  const asked = once(client, 'notice').then(() => true)
  const late = delay(HELD_MS, false, { ref: false })
  return { held: await Promise.race([running, asked, late]) }
}

function readFrom(file: string, start: number): string {
  const length = statSync(file).size - start
  const bytes = Buffer.alloc(length)
  const descriptor = openSync(file, 'r')
  readSync(descriptor, bytes, 0, length, start)
  closeSync(descriptor)
  // The server indents what follows a line break.
  return bytes.toString('utf8').replaceAll('\n\t', '\n')
}
