import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { NEVER_SEEN, SEEN } from './cells.ts'
import type { Peer } from './peer.ts'
import { pgbench } from './pgbench.ts'
import { openRaw } from './raw-client.ts'
import { startWorld, USUAL } from './world.ts'

/**
 * Where the gateway's time goes: `node bench/profile.ts simple-1 prepared-16 masked …`. Prints
 * the functions with the most time of their own, and leaves the profile for other viewers.
 */
const WORKS: Readonly<Record<string, (peer: Peer, seconds: number) => Promise<unknown>>> = {
  'simple-1': load('simple', 1),
  'simple-16': load('simple', 16),
  'prepared-1': load('prepared', 1),
  'prepared-16': load('prepared', 16),
  seen: load('simple', 1, SEEN),
  'never-seen': load('simple', 1, NEVER_SEEN),
  plain: rows('plain_rows'),
  masked: rows('masked_rows'),
}

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    tls: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '6' },
    folder: { type: 'string', default: 'profiles' },
    top: { type: 'string', default: '40' },
  },
})

const names = positionals.length > 0 ? positionals : Object.keys(WORKS)
const world = await startWorld(1_000_000)
try {
  for (const name of names) {
    const work = WORKS[name]
    if (work === undefined) throw new Error(`${name} is none of ${Object.keys(WORKS).join(', ')}`)
    const folder = join(options.folder, name)
    await mkdir(folder, { recursive: true })
    const flags = ['--cpu-prof', '--cpu-prof-interval=200', `--cpu-prof-dir=${folder}`]
    const gateway = await world.startGateway({ ...USUAL, flags })
    const seen = await work(options.tls ? gateway.secure : gateway.plain, Number(options.seconds))
    await gateway.stop()
    console.log(`\n== ${name}`, seen)
    await show(folder, Number(options.top))
  }
} finally {
  await world.stop()
}

function load(protocol: 'simple' | 'prepared', connections: number, script?: string) {
  return (peer: Peer, seconds: number) =>
    pgbench(peer, { protocol, connections, seconds, ...(script === undefined ? {} : { script }) })
}

function rows(table: string) {
  return async (peer: Peer) => {
    const client = await openRaw(peer)
    for (let count = 0; count < 4; count++) await client.query(`SELECT * FROM ${table}`)
    client.close()
  }
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { functionName: string; url: string; lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** The main thread's profile is the largest; workers have theirs. */
async function show(folder: string, top: number): Promise<void> {
  const texts = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')),
  )
  const text = texts.sort((a, b) => b.length - a.length)[0]!
  const profile = JSON.parse(text) as CpuProfile
  const nameOf = new Map(profile.nodes.map(({ id, callFrame }) => [id, place(callFrame)]))
  const own = new Map<string, number>()
  let total = 0
  for (const [index, id] of profile.samples.entries()) {
    const name = nameOf.get(id)!
    if (name.startsWith('(idle)')) continue
    const delta = profile.timeDeltas[index]!
    own.set(name, (own.get(name) ?? 0) + delta)
    total += delta
  }
  const most = [...own].sort((a, b) => b[1] - a[1]).slice(0, top)
  for (const [name, time] of most) console.log(((time * 100) / total).toFixed(1).padStart(6), name)
}

function place({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']) {
  const file = url.split('/').slice(-2).join('/')
  return `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`
}
