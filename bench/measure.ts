import { cpus } from 'node:os'
import type { StreamFrom } from './cells.ts'
import {
  connecting,
  idleMemory_KiB,
  NEVER_SEEN,
  roundTrips,
  SEEN,
  stream,
  streamMemory_KiB,
} from './cells.ts'
import type { Peer } from './peer.ts'
import { ensureInstalled, startHaproxy, startPgbouncer, startRelay } from './peers.ts'
import { pgbench } from './pgbench.ts'
import type { Memory, PeerRow, Results, RoundTripCell, Statements } from './results.ts'
import { interleaved } from './sampling.ts'
import type { GatewayShape, World } from './world.ts'
import { startWorld, USUAL } from './world.ts'

export interface Size {
  readonly quick: boolean
  readonly rounds: number
  /** Of each run of pgbench. */
  readonly seconds: number
  readonly rows: number
  readonly sessions: number
}

export const FULL: Size = { quick: false, rounds: 3, seconds: 3, rows: 1_000_000, sessions: 1000 }
export const QUICK: Size = { quick: true, rounds: 2, seconds: 1, rows: 200_000, sessions: 200 }

/** Half of it one after the other, half of it several at once. */
const CONNECT_SECONDS = 2

type Tell = (text: string) => void

/** Starts everything, measures cell after cell, stops everything. */
export async function measure(size: Size, tell: Tell): Promise<Results> {
  tell(`PostgreSQL with ${size.rows.toLocaleString('en')} rows, Entra emulator`)
  const world = await startWorld(size.rows)
  try {
    const [version] = await world.server.adminQuery('SHOW server_version')
    const about = {
      measuredAt: new Date().toISOString(),
      machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
      node: process.version,
      postgres: String(version?.['server_version']),
      quick: size.quick,
    }
    const compared = await compare(world, size, tell)
    const memory = await measureMemory(world, size, tell)
    const statements = await measureStatements(world, size, tell)
    return { ...about, ...compared, memory, statements }
  } finally {
    await world.stop()
  }
}

async function compare(world: World, size: Size, tell: Tell) {
  const { peers, missing, stop } = await startPeers(world, tell)
  try {
    tell('warming up')
    for (const peer of peers) {
      await pgbench(peer, { connections: 4, protocol: 'simple', seconds: size.seconds })
      await pgbench(peer, { connections: 4, protocol: 'prepared', seconds: size.seconds })
    }
    const cells = await measureRoundTrips(peers, size, tell)
    tell('streams')
    const froms = peers.flatMap((peer) => streamsOf(peer))
    const streamed = await interleaved(froms, size.rounds, stream(size.rows))
    const streams = froms.map(({ peer, table }, index) => ({
      peer: peer.name,
      masked: table === 'masked_rows',
      measured: streamed[index]!,
    }))
    tell('connections')
    const connected = await interleaved(peers, size.rounds, connecting(CONNECT_SECONDS))
    return { missing, roundTrips: cells, streams, connecting: rows(peers, connected) }
  } finally {
    await stop()
  }
}

/** Only the gateway masks. */
function streamsOf(peer: Peer): StreamFrom[] {
  const plain = { peer, table: 'plain_rows' } as const
  return peer.tokens === undefined ? [plain] : [plain, { peer, table: 'masked_rows' }]
}

async function startPeers(world: World, tell: Tell) {
  const missing: string[] = []
  const { direct, folder, server } = world
  const peers: Peer[] = [direct]
  const stops: (() => Promise<void>)[] = []
  for (const [name, isThere, start] of [
    ['pgbouncer', () => ensureInstalled('pgbouncer'), startPgbouncer],
    ['haproxy', () => ensureInstalled('haproxy'), startHaproxy],
    ['bare Node relay', (): true => true, startRelay],
  ] as const) {
    tell(name)
    const installed = isThere()
    if (installed !== true) {
      missing.push(installed)
      tell(`left out: ${installed}`)
      continue
    }
    const { port, child } = await start(folder, server)
    peers.push({ ...direct, name, port, pid: child.pid })
    stops.push(() => child.stop())
  }
  tell('chaperone')
  const gateway = await world.startGateway(USUAL)
  peers.push(gateway.plain, gateway.secure)
  stops.push(() => gateway.stop())
  const stop = async () => {
    for (const one of stops) await one()
  }
  return { peers, missing, stop }
}

async function measureRoundTrips(
  peers: readonly Peer[],
  { rounds, seconds }: Size,
  tell: Tell,
): Promise<RoundTripCell[]> {
  const cells: RoundTripCell[] = []
  for (const connections of [1, 16]) {
    for (const protocol of ['simple', 'prepared'] as const) {
      tell(`round trips: ${protocol}, ${connections} connections`)
      const load = { connections, protocol, seconds }
      const measured = await interleaved(peers, rounds, roundTrips(load))
      cells.push({ connections, protocol, peers: rows(peers, measured) })
    }
  }
  return cells
}

function rows<V>(peers: readonly Peer[], measured: readonly V[]): PeerRow<V>[] {
  return peers.map(({ name }, index) => ({ peer: name, measured: measured[index]! }))
}

/** Each in a gateway of its own, so that none inherits what another has left. */
async function measureMemory(world: World, { sessions }: Size, tell: Tell): Promise<Memory> {
  const idle = async (way: 'plain' | 'secure') => {
    tell(`memory of ${sessions} idle sessions, ${way === 'plain' ? 'plain' : 'TLS on both legs'}`)
    return inFreshGateway(world, (gateway) => idleMemory_KiB(gateway[way], sessions))
  }
  const streaming = async (table: StreamFrom['table']) => {
    tell(`memory while ${table} pass, also to a client that stops`)
    return inFreshGateway(world, ({ plain: peer }) => streamMemory_KiB({ peer, table }))
  }
  return {
    sessions,
    idle_KiB: await idle('plain'),
    idleTls_KiB: await idle('secure'),
    streaming: await streaming('plain_rows'),
    streamingMasked: await streaming('masked_rows'),
  }
}

type BenchGateway = Awaited<ReturnType<World['startGateway']>>

async function inFreshGateway<V>(world: World, use: (gateway: BenchGateway) => Promise<V>) {
  const gateway = await world.startGateway(USUAL)
  try {
    return await use(gateway)
  } finally {
    await gateway.stop()
  }
}

const STATEMENT_SECONDS = 2

const SHAPES: readonly GatewayShape[] = [
  USUAL,
  { agents: 10, policies: 10 },
  { agents: 5000, policies: 500 },
]

/** A statement that was seen before and one that never was, by the size of what is registered. */
async function measureStatements(world: World, size: Size, tell: Tell): Promise<Statements> {
  tell('never-seen statements; 5,000 agents and 500 policies')
  const gateways: BenchGateway[] = []
  for (const shape of SHAPES) gateways.push(await world.startGateway(shape))
  try {
    const load = {
      connections: 1,
      protocol: 'simple',
      seconds: Math.min(size.seconds, STATEMENT_SECONDS),
    } as const
    const cost = (script: string) => async (peer: Peer) => {
      const { cpu_us } = await pgbench(peer, { ...load, script })
      return { cpu_us }
    }
    const peers = gateways.map(({ plain }) => plain)
    await interleaved(peers, 1, cost(SEEN))
    await interleaved(peers, 1, cost(NEVER_SEEN))
    const seen = await interleaved(peers, size.rounds, cost(SEEN))
    const neverSeen = await interleaved(peers, size.rounds, cost(NEVER_SEEN))
    const shapes = SHAPES.map(({ agents, policies }, index) => ({
      agents,
      policies,
      seen_us: seen[index]!.cpu_us,
      neverSeen_us: neverSeen[index]!.cpu_us,
    }))
    const { seen_us, neverSeen_us } = shapes[0]!
    return { seen_us, neverSeen_us, shapes: shapes.slice(1) }
  } finally {
    for (const gateway of gateways) await gateway.stop()
  }
}
