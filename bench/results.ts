import type { Connecting, Stream } from './cells.ts'
import type { RoundTrips } from './pgbench.ts'

/** Everything that one run measured; this is what `--json` writes. */
export interface Results {
  readonly measuredAt: string
  readonly machine: string
  readonly node: string
  readonly postgres: string
  readonly quick: boolean
  /** Peers that were left out, and why. */
  readonly missing: readonly string[]
  readonly roundTrips: readonly RoundTripCell[]
  readonly streams: readonly (PeerRow<Stream> & { readonly masked: boolean })[]
  readonly connecting: readonly PeerRow<Connecting>[]
  readonly memory: Memory
  readonly statements: Statements
}

export interface RoundTripCell {
  readonly connections: number
  readonly protocol: 'simple' | 'prepared'
  readonly peers: readonly PeerRow<RoundTrips>[]
}

export type PeerRow<V> = { readonly peer: string; readonly measured: V }

export interface Memory {
  readonly sessions: number
  readonly idle_KiB: number
  readonly idleTls_KiB: number
  readonly streaming: Streaming
  readonly streamingMasked: Streaming
}

/** The most that memory was above the start. */
interface Streaming {
  readonly fast_KiB: number
  /** Added while the client had stopped reading. */
  readonly stopped_KiB: number
}

/** CPU of the gateway for one statement, in microseconds. */
export interface Statements {
  readonly seen_us: number
  readonly neverSeen_us: number
  readonly shapes: readonly StatementsOfShape[]
}

export interface StatementsOfShape {
  readonly agents: number
  readonly policies: number
  readonly seen_us: number
  readonly neverSeen_us: number
}
