import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:http2'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/core/clock.ts'
import { silentLog } from '../../src/core/log.ts'
import { openDevelopmentAuthority } from '../../src/listen/development-authority.ts'
import type { Dice } from '../support/dice.ts'
import { countFrom, createDice, seedFrom } from '../support/dice.ts'
import type { FaultProxy } from '../support/fault-proxy.ts'
import { openFaultProxy } from '../support/fault-proxy.ts'
import type { HttpBench } from '../support/http-bench.ts'
import { openHttpBench } from '../support/http-bench.ts'
import type { HttpTarget } from '../support/http-target.ts'
import { startHttpTarget } from '../support/http-target.ts'

/*
 * Several agents at once, over connections to a target that break at random moments: whatever comes
 * back is an agent's own, whole or cut, and what the target got is what one agent sent.
 *
 * FAULT_ROUNDS sets how many rounds, FAULT_SEED which.
 */

const ROUNDS = countFrom('FAULT_ROUNDS', 6)
const AT_ONCE = 24
const SEED = seedFrom('FAULT_SEED')
const PATIENCE_MS = 20_000

let folder: string
let target: HttpTarget
let proxy: FaultProxy
let bench: HttpBench
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'http-mixing-'))
  const tls = await openDevelopmentAuthority({ folder, clock: systemClock, log: silentLog })
  target = await startHttpTarget({
    certificate: readFileSync(tls.certificateFile, 'utf8'),
    key: readFileSync(tls.keyFile, 'utf8'),
  })
  proxy = await openFaultProxy()
  await proxy.before(target)
  bench = await openHttpBench({ target: { port: proxy.port, caFile: tls.authorityFile } })
})
after(async () => {
  await bench.stop()
  await proxy.close()
  await target.close()
  await rm(folder, { recursive: true, force: true })
})

interface Sent {
  readonly mark: string
  readonly agent: string
  readonly method: string
  readonly path: string
  readonly body: string
}

/** The mark is in the path, in the body, and in what the target says. */
function randomRequest(dice: Dice, mark: string): Sent {
  const agent = `agent${dice.between(0, 4)}`
  const marked = `${mark} `.repeat(dice.pick([1, 100, 4_000]))
  const said = `HTTP/1.1 200 OK\r\ncontent-length: ${marked.length}\r\n\r\n${marked}`
  const cut = dice.between(0, 4) === 0 ? dice.between(1, said.length) : said.length
  const bytes = encodeURIComponent(Buffer.from(said.slice(0, cut)).toString('base64'))
  const isShort = marked.length < 5_000
  const method = dice.pick(['GET', 'PUT', 'POST'])
  const raw = method === 'GET' && isShort && dice.between(0, 2) === 0
  const path = raw ? `/allow/raw?bytes=${bytes}&end&${mark}` : `/allow/echo?${mark}`
  return { mark, agent, method, path, body: method === 'GET' ? '' : marked }
}

function overHttp1({ agent, method, path, body }: Sent, pool: Agent): Promise<string> {
  return new Promise((resolve) => {
    const headers = {
      authorization: `Bearer ${agent}`,
      ...(method === 'GET' ? {} : { 'content-length': Buffer.byteLength(body) }),
    }
    const sent = request(
      {
        port: bench.port,
        host: 'localhost',
        ca: bench.ca,
        agent: pool,
        method,
        headers,
        path: `/res${path}`,
      },
      (answer) => {
        let text = ''
        answer.on('data', (slice: Buffer) => (text += slice.toString('latin1')))
        answer.on('error', () => {})
        answer.on('close', () => resolve(text))
      },
    )
    sent.setTimeout(PATIENCE_MS, () => sent.destroy(new Error('it hangs')))
    sent.on('error', (error) => resolve(error.message))
    sent.end(body)
  })
}

function overHttp2({ agent, method, path, body }: Sent, session: ReturnType<typeof connect>) {
  return new Promise<string>((resolve) => {
    const stream = session.request(
      { ':method': method, ':path': `/res${path}`, authorization: `Bearer ${agent}` },
      { endStream: method === 'GET' },
    )
    let text = ''
    stream.setTimeout(PATIENCE_MS, () => {
      text += 'it hangs'
      stream.close()
    })
    stream.on('data', (slice: Buffer) => (text += slice.toString('latin1')))
    stream.on('error', () => {})
    stream.on('close', () => resolve(text))
    if (method !== 'GET') stream.end(body)
  })
}

const MARK = /mark-\d+-\d+-/g

test(`${ROUNDS} rounds by seed ${SEED}: nobody gets what is another's`, async () => {
  const dice = createDice(SEED)
  const pool = new Agent({ keepAlive: true, maxSockets: 6 })
  const session = connect(`https://localhost:${bench.port}`, { ca: bench.ca })
  session.on('error', () => {})
  const problems: string[] = []
  let whole = 0
  for (let round = 0; round < ROUNDS; round++) {
    const own = dice.child(round)
    // Connections die without a word at some of their chunks, or are reset in the middle of it all.
    proxy.setFault((_chunk, _from, chunks) => chunks > 12 && own.between(0, 25) === 0 && reset())
    const many = Array.from({ length: AT_ONCE }, (_, index) =>
      randomRequest(own, `mark-${round}-${index}-`),
    )
    const answers = await Promise.all(
      many.map((sent, index) =>
        index % 2 === 0 ? overHttp1(sent, pool) : overHttp2(sent, session),
      ),
    )
    for (const [index, text] of answers.entries()) {
      const { mark } = many[index]!
      const others = (text.match(MARK) ?? []).filter((one) => one !== mark)
      if (others.length > 0) problems.push(`${mark} was told ${others[0]}`)
      if (text.includes('it hangs')) problems.push(`${mark} hangs`)
      if (text.includes('sha256') || text.includes(`${mark} `)) whole++
    }
  }
  for (const { url, body } of target.seen) {
    const [mark] = url.match(MARK) ?? []
    const others = (body.toString('latin1').match(MARK) ?? []).filter((one) => one !== mark)
    if (others.length > 0) problems.push(`the target got ${others[0]} in ${mark}`)
  }
  pool.destroy()
  session.destroy()
  assert.deepEqual(problems, [])
  assert.ok(whole > (ROUNDS * AT_ONCE) / 3, `most are answered (${whole})`)
})

/** Everything breaks at once, as when a target restarts. */
function reset(): boolean {
  proxy.reset()
  return false
}
