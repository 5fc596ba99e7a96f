import { setTimeout as delay } from 'node:timers/promises'
import type { Peer } from './peer.ts'
import type { Load, RoundTrips } from './pgbench.ts'
import { pgbench } from './pgbench.ts'
import { cpu_us, rss_KiB, rssGrowth_KiB } from './process-cost.ts'
import type { RawClient } from './raw-client.ts'
import { openRaw } from './raw-client.ts'
import { median } from './sampling.ts'

/** A statement that is new each time: pgbench puts the number into the text. */
export const NEVER_SEEN = `\\set n random(1, 2000000000)
SELECT abalance AS a:n FROM pgbench_accounts WHERE aid = 1;
`
/** The same statement, seen before. */
export const SEEN = `\\set n random(1, 1000)
SELECT abalance AS a FROM pgbench_accounts WHERE aid = :n;
`

export function roundTrips(load: Load): (peer: Peer) => Promise<RoundTrips> {
  return (peer) => pgbench(peer, load)
}

export interface Stream extends Readonly<Record<string, number>> {
  readonly seconds: number
  readonly rowsPerSecond: number
  readonly MBPerSecond: number
  /** Of the process in between, for a thousand rows. */
  readonly cpu_us: number
}

export interface StreamFrom {
  readonly peer: Peer
  readonly table: 'plain_rows' | 'masked_rows'
}

/** Reads a whole table. Throws if rows are missing, or a masked value is readable. */
export function stream(rows: number): (from: StreamFrom) => Promise<Stream> {
  return async ({ peer, table }) => {
    const client = await openRaw(peer)
    let head = ''
    const before_us = cpuOf(peer)
    const started_ms = performance.now()
    const answer = await client.query(`SELECT * FROM ${table}`, (chunk) => {
      if (head.length < 10_000) head += chunk.toString('latin1')
    })
    const seconds = (performance.now() - started_ms) / 1000
    const spent_us = cpuOf(peer) - before_us
    client.close()
    if (answer.rows !== rows) throw new Error(`${answer.rows} of ${rows} rows came`)
    const readable = head.includes('user1@example.com')
    if (readable !== (table === 'plain_rows')) throw new Error('the mask is not as it should be')
    return {
      seconds,
      rowsPerSecond: rows / seconds,
      MBPerSecond: answer.bytes / 1e6 / seconds,
      cpu_us: (spent_us * 1000) / rows,
    }
  }
}

export interface Connecting extends Readonly<Record<string, number>> {
  /** One after the other: from the first packet to ReadyForQuery. */
  readonly median_ms: number
  /** With eight at a time. */
  readonly perSecond: number
  readonly cpu_us: number
}

const CONNECTING_AT_ONCE = 8
const AGENTS_BETWEEN = 7

export function connecting(seconds: number): (peer: Peer) => Promise<Connecting> {
  return async (peer) => {
    const alone_ms = await connectFor(peer, seconds / 2, 0)
    const before_us = cpuOf(peer)
    const started_ms = performance.now()
    const many = await Promise.all(
      Array.from({ length: CONNECTING_AT_ONCE }, (_, index) =>
        connectFor(peer, seconds / 2, index * AGENTS_BETWEEN),
      ),
    )
    const count = many.flat().length
    return {
      median_ms: median(alone_ms),
      perSecond: (count * 1000) / (performance.now() - started_ms),
      cpu_us: (cpuOf(peer) - before_us) / count,
    }
  }
}

async function connectFor(peer: Peer, seconds: number, first: number): Promise<number[]> {
  const times_ms: number[] = []
  let turns = first
  const until_ms = performance.now() + seconds * 1000
  while (performance.now() < until_ms) {
    const started_ms = performance.now()
    const client = await openRaw(peer, turns++)
    times_ms.push(performance.now() - started_ms)
    client.close()
  }
  return times_ms
}

const SETTLE_MS = 1500
const OPENING_AT_ONCE = 20

/** What each idle session adds to the gateway's memory. Some are opened before, to warm it up. */
export async function idleMemory_KiB(peer: Peer, sessions: number): Promise<number> {
  const clients = await openMany(peer, Math.ceil(sessions / 10))
  await delay(SETTLE_MS)
  const before = rss_KiB(peer.pid!)
  clients.push(...(await openMany(peer, sessions)))
  await delay(SETTLE_MS)
  const grown = rss_KiB(peer.pid!) - before
  for (const client of clients) client.close()
  return grown / sessions
}

async function openMany(peer: Peer, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = []
  while (clients.length < count) {
    const some = Math.min(OPENING_AT_ONCE, count - clients.length)
    clients.push(
      ...(await Promise.all(
        Array.from({ length: some }, (_, at) => openRaw(peer, clients.length + at)),
      )),
    )
  }
  return clients
}

const PAUSE_MS = 1500
const STREAMS = 3

/**
 * How far the gateway's memory rises over where it was before anything was read: while a table
 * passes several times, then while it passes to a client that stops reading for a while.
 */
export async function streamMemory_KiB({ peer, table }: StreamFrom) {
  const client = await openRaw(peer)
  const sql = `SELECT * FROM ${table}`
  const fast_KiB = await rssGrowth_KiB(peer.pid!, async () => {
    for (let count = 0; count < STREAMS; count++) await client.query(sql)
  })
  const stopped_KiB = await rssGrowth_KiB(peer.pid!, async () => {
    let paused = false
    await client.query(sql, () => {
      if (paused) return
      paused = true
      client.socket.pause()
      setTimeout(() => client.socket.resume(), PAUSE_MS)
    })
  })
  client.close()
  return { fast_KiB, stopped_KiB }
}

function cpuOf({ pid }: Peer): number {
  return pid === undefined ? Number.NaN : cpu_us(pid)
}
