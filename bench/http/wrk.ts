import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cpu_us } from '../process-cost.ts'
import { SMALL_FILES } from './nginx.ts'
import type { HttpPeer } from './peer.ts'

const run = promisify(execFile)

/** What one run of wrk measured; times in microseconds, CPU of the process in between. */
export interface Requests extends Readonly<Record<string, number>> {
  readonly perSecond: number
  readonly mean_us: number
  readonly p99_us: number
  /** Per request; NaN where there is no process in between. */
  readonly cpu_us: number
}

const SCRIPT = join(import.meta.dirname, 'requests.lua')

/** Asks for small files over kept-alive connections. Throws when anything but 200 comes. */
export async function requests(
  peer: HttpPeer,
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<Requests> {
  const words = ['-t', '1', '-c', `${connections}`, '-d', `${seconds}s`, '--latency']
  const script = ['-s', SCRIPT, peer.url, '--', new URL(peer.url).pathname, `${SMALL_FILES}`]
  const before_us = cpuOf(peer)
  const { stdout } = await run('wrk', [...words, ...headerWords(peer), ...script])
  const spent_us = cpuOf(peer) - before_us
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${peer.name}: ${stdout}`)
  return {
    perSecond: Number(found(stdout, /Requests\/sec:\s+([\d.]+)/)),
    mean_us: time_us(found(stdout, /Latency\s+([\d.]+[mu]?s)/)),
    p99_us: time_us(found(stdout, /99%\s+([\d.]+[mu]?s)/)),
    cpu_us: spent_us / Number(found(stdout, /(\d+) requests in/)),
  }
}

export interface Download extends Readonly<Record<string, number>> {
  readonly MBPerSecond: number
  /** For a megabyte. */
  readonly cpu_us: number
}

/** Fetches one large file. */
export async function download(peer: HttpPeer): Promise<Download> {
  const before_us = cpuOf(peer)
  const format = '%{http_code} %{size_download} %{time_total}'
  const { stdout } = await run('curl', [
    '-sk',
    '--http1.1',
    '-o',
    '/dev/null',
    '-w',
    format,
    ...headerWords(peer),
    `${peer.url}/large.bin`,
  ])
  const [status, bytes, seconds] = stdout.split(' ').map(Number)
  if (status !== 200 || bytes !== peer.largeBytes) throw new Error(`${peer.name}: ${stdout}`)
  return {
    MBPerSecond: bytes / 1e6 / seconds!,
    cpu_us: (cpuOf(peer) - before_us) / (bytes / 1e6),
  }
}

function headerWords({ headers }: HttpPeer): string[] {
  return Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
}

function cpuOf({ pid }: HttpPeer): number {
  return pid === undefined ? Number.NaN : cpu_us(pid)
}

function found(text: string, pattern: RegExp): string {
  const match = pattern.exec(text)?.[1]
  if (match === undefined) throw new Error(`wrk did not say ${pattern}: ${text}`)
  return match
}

const UNITS: Readonly<Record<string, number>> = { us: 1, ms: 1e3, s: 1e6 }

function time_us(text: string): number {
  const [, value, unit] = /^([\d.]+)(us|ms|s)$/.exec(text)!
  return Number(value) * UNITS[unit!]!
}
