import { cpus } from 'node:os'
import { ensureInstalled } from '../peers.ts'
import { interleaved } from '../sampling.ts'
import type { HttpPeer } from './peer.ts'
import { startHttpWorld } from './world.ts'
import type { Download, Requests } from './wrk.ts'
import { download, requests } from './wrk.ts'

export interface HttpSize {
  readonly quick: boolean
  readonly rounds: number
  /** Of each run of wrk. */
  readonly seconds: number
  readonly largeBytes: number
}

export const FULL: HttpSize = { quick: false, rounds: 3, seconds: 4, largeBytes: 2 ** 30 }
export const QUICK: HttpSize = { quick: true, rounds: 2, seconds: 1, largeBytes: 2 ** 27 }

export interface HttpResults {
  readonly measuredAt: string
  readonly machine: string
  readonly node: string
  readonly quick: boolean
  readonly requests: readonly {
    readonly connections: number
    readonly peers: readonly { readonly peer: string; readonly measured: Requests }[]
  }[]
  readonly downloads: {
    readonly bytes: number
    readonly peers: readonly { readonly peer: string; readonly measured: Download }[]
  }
}

/** Starts everything, measures cell after cell, stops everything. */
export async function measureHttp(
  size: HttpSize,
  tell: (text: string) => void,
): Promise<HttpResults> {
  for (const [name, program] of [
    ['nginx-light', 'nginx'],
    ['wrk', 'wrk'],
    ['curl', 'curl'],
  ] as const) {
    tell(program)
    const installed = ensureInstalled(program, name)
    if (installed !== true) throw new Error(installed)
  }
  tell('origin, proxy and gateway')
  const world = await startHttpWorld(size.largeBytes)
  try {
    const { peers } = world
    const named = <V>(measured: readonly V[]) =>
      peers.map(({ name }, index) => ({ peer: name, measured: measured[index]! }))
    const ask = (connections: number) => (peer: HttpPeer) =>
      requests(peer, { connections, seconds: size.seconds })
    tell('warming up')
    await interleaved(peers, 1, ask(8))
    const cells: HttpResults['requests'][number][] = []
    for (const connections of [1, 32]) {
      tell(`requests: ${connections} connections`)
      const measured = await interleaved(peers, size.rounds, ask(connections))
      cells.push({ connections, peers: named(measured) })
    }
    tell('downloads')
    const downloaded = await interleaved(peers, size.rounds, download)
    return {
      measuredAt: new Date().toISOString(),
      machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
      node: process.version,
      quick: size.quick,
      requests: cells,
      downloads: { bytes: size.largeBytes, peers: named(downloaded) },
    }
  } finally {
    await world.stop()
  }
}
