import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Peer } from './peer.ts'
import { cpu_us } from './process-cost.ts'
import { percentile } from './sampling.ts'

const run = promisify(execFile)

export interface Load {
  readonly connections: number
  readonly protocol: 'simple' | 'prepared'
  readonly seconds: number
  /** A script of pgbench's; without one it is `pgbench -S`. */
  readonly script?: string
}

/** What one run of pgbench measured; times in microseconds, CPU of the process in between. */
export interface RoundTrips extends Readonly<Record<string, number>> {
  readonly perSecond: number
  readonly mean_us: number
  readonly p99_us: number
  /** Per operation; NaN where there is no process in between. */
  readonly cpu_us: number
}

export async function pgbench(peer: Peer, load: Load): Promise<RoundTrips> {
  const folder = await mkdtemp(join(tmpdir(), 'chaperone-pgbench-'))
  try {
    const before_us = peer.pid === undefined ? Number.NaN : cpu_us(peer.pid)
    const { stdout } = await run('pgbench', await words(peer, load, folder), {
      env: environment(peer),
      cwd: folder,
    })
    const spent_us = peer.pid === undefined ? Number.NaN : cpu_us(peer.pid) - before_us
    const operations = number(stdout, /actually processed: (\d+)/)
    if (number(stdout, /failed transactions: (\d+)/) > 0) throw new Error(stdout)
    return {
      perSecond: number(stdout, /tps = ([\d.]+)/),
      mean_us: number(stdout, /latency average = ([\d.]+) ms/) * 1000,
      p99_us: percentile(await latencies_us(folder), 0.99),
      cpu_us: spent_us / operations,
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function words(peer: Peer, load: Load, folder: string): Promise<string[]> {
  const where = ['-h', '127.0.0.1', '-p', String(peer.port), '-U', peer.user, peer.database]
  const how = ['-n', '-M', load.protocol, '-c', String(load.connections), '-T', `${load.seconds}`]
  if (load.script === undefined) return [...how, '-S', '-l', ...where]
  const file = join(folder, 'script.sql')
  await writeFile(file, load.script)
  return [...how, '-f', file, '-l', ...where]
}

function environment({ tokens, caFile }: Peer): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    ...(tokens === undefined ? {} : { PGPASSWORD: tokens[0]! }),
    ...(caFile === undefined
      ? { PGSSLMODE: 'disable' }
      : { PGSSLMODE: 'verify-full', PGSSLROOTCERT: caFile }),
  }
}

/** Third column of pgbench's own log: microseconds of each transaction. */
async function latencies_us(folder: string): Promise<number[]> {
  const logs = (await readdir(folder)).filter((name) => name.startsWith('pgbench_log'))
  const texts = await Promise.all(logs.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.flatMap((text) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => Number(line.split(' ')[2])),
  )
}

function number(text: string, pattern: RegExp): number {
  const match = pattern.exec(text)
  if (match === null) throw new Error(`pgbench did not say ${pattern}: ${text}`)
  return Number(match[1])
}
