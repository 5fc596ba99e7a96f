import type { EventEmitter } from 'node:events'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type pg from 'pg'
import type { Form } from './forms.ts'
import { FORMS } from './forms.ts'
import { comparable } from './heard.ts'

export interface Answer {
  /** Every byte that came, as Latin-1, without what differs from run to run. */
  readonly bytes: string
  /** The rows of the last step that had any. */
  readonly rows: readonly (readonly unknown[])[]
  /** The code of the gateway's refusal. */
  readonly refused: string | undefined
  /** The SQLSTATE of the target's error. */
  readonly failed: string | undefined
}

/** What node-postgres does not tell of. */
type Connection = EventEmitter & { readonly stream: Socket; sync(): void }

type Outcome = Omit<Answer, 'bytes'>

const NOTHING: Outcome = { rows: [], refused: undefined, failed: undefined }
const RAW = { getTypeParser: () => (value: unknown) => value }

/** A connection that asks queries, and writes down all that it is told. */
export function createAgent(client: pg.Client) {
  const { connection } = client as unknown as { connection: Connection }
  let chunks: Buffer[] = []
  // The client's parser writes over what it was given, so a copy is kept before it comes to that.
  connection.stream.prependListener('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)))

  async function run(config: object): Promise<Outcome> {
    // An error rejects the query before all of the answer is here.
    const ready = once(connection, 'readyForQuery')
    try {
      const query = { ...config, rowMode: 'array', types: RAW } as unknown as pg.QueryArrayConfig
      // Several statements have several results.
      const results = [await client.query(query)].flat() as readonly pg.QueryArrayResult[]
      return { ...NOTHING, rows: results.at(-1)?.rows ?? [] }
    } catch (error) {
      // Without a Sync of ours after an error in a portal that is read in pieces, nobody goes on.
      if ('rows' in config) connection.sync()
      return outcomeOf(error as pg.DatabaseError)
    } finally {
      await ready
    }
  }

  return async (sql: string, form: Form, turn: number): Promise<Answer> => {
    chunks = []
    let answer = NOTHING
    for (const step of FORMS[form](sql, turn)) {
      const next = await run(step)
      const isOver = answer.refused !== undefined || answer.failed !== undefined
      const tells = next.rows.length > 0 || next.refused !== undefined || next.failed !== undefined
      if (!isOver && tells) answer = next
    }
    if (form === 'prepared' || form === 'named') await run({ text: 'DEALLOCATE ALL' })
    return { ...answer, bytes: comparable(Buffer.concat(chunks)) }
  }
}

export type Agent = ReturnType<typeof createAgent>

function outcomeOf({ routine, detail = '', code = 'none' }: pg.DatabaseError): Outcome {
  const refused = routine === 'chaperone' ? /code=([A-Z_]+)/.exec(detail)?.[1] : undefined
  return { ...NOTHING, refused, failed: refused === undefined ? code : undefined }
}
