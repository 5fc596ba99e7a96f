import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { loadParser } from '../../src/sql/postgres/parse/parser.ts'
import { startPostgres } from '../support/postgres-server.ts'
import { normalise, writeLines } from './notation.ts'
import { openPlayer } from './player.ts'
import { SCENARIOS } from './scenarios.ts'

/**
 * Plays every scenario against a real server and writes down what all four sides said:
 *
 *     npx node test/wire/capture.ts
 */
const FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'conversations')
/** A pause this long means that the target has said all it had to say. */
const QUIET_MS = 60
/** It may take longer to begin; what owes no answer (COPY data, a Parse without Flush) waits for nothing. */
const FIRST_MS = 500

/** Made once, so that the tables have the same numbers in all conversations. */
const SCHEMA = `
  CREATE TABLE customers (id int PRIMARY KEY, name text, email text);
  CREATE TABLE numbers (n int);
  GRANT ALL ON customers, numbers TO gateway;
`
const ROWS = `
  TRUNCATE customers, numbers;
  INSERT INTO customers VALUES (1, 'Ada', 'ada@example.com'), (2, 'Bo', 'bo@example.com');
  INSERT INTO numbers SELECT generate_series(1, 10);
`

await loadParser()
const server = await startPostgres({ hba: 'trust', tls: false })
await server.adminQuery(SCHEMA)
mkdirSync(FOLDER, { recursive: true })
for (const [name, groups] of Object.entries(SCENARIOS)) {
  await server.adminQuery(ROWS)
  writeFileSync(join(FOLDER, `${name}.txt`), `${(await capture(groups)).join('\n')}\n`)
  console.log(name)
}
await server.stop()

async function capture(groups: readonly (readonly Buffer[])[]): Promise<string[]> {
  const lines: string[] = []
  const player = openPlayer()
  const target = await signIn()
  let heard = Buffer.alloc(0)
  let heardAt = 0
  target.on('data', (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk])
    heardAt = performance.now()
  })
  const spoken = () => {
    const bytes = player.takeForTarget()
    lines.push(...writeLines('f', bytes).map(normalise))
    if (bytes.length > 0) target.write(bytes)
    lines.push(...writeLines('b', player.takeForClient()).map(normalise))
    return bytes.length > 0
  }
  for (const group of groups) {
    const bytes = Buffer.concat(group)
    lines.push(...writeLines('F', bytes))
    player.fromClient(bytes)
    while ((await delay(1), spoken())) {
      const until_ms = performance.now() + FIRST_MS
      while (heard.length === 0 && performance.now() < until_ms) await delay(2)
      while (performance.now() - heardAt < QUIET_MS) await delay(10)
      if (heard.length === 0) continue
      const answer = heard
      heard = Buffer.alloc(0)
      lines.push(...writeLines('B', answer).map(normalise))
      player.fromTarget(answer)
    }
  }
  target.destroy()
  return lines
}

/** Trust lets us in without a word; everything up to ReadyForQuery is passed over. */
async function signIn() {
  const socket = connect(server.port, server.host)
  await once(socket, 'connect')
  const settings = `user\0${server.user}\0database\0${server.database}\0client_encoding\0UTF8\0\0`
  const head = Buffer.alloc(8)
  head.writeInt32BE(8 + settings.length)
  head.writeInt32BE(0x0003_0000, 4)
  socket.write(Buffer.concat([head, Buffer.from(settings)]))
  let greeting = ''
  while (!greeting.includes('Z\0\0\0\x05I')) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    greeting += chunk.toString('latin1')
  }
  return socket
}
