import { asChaperoneError, ChaperoneError } from '../../../core/errors.ts'
import { dialSecure } from '../../../upstream/dial-secure.ts'
import type { TargetAddress } from '../../../upstream/dial.ts'
import { dial } from '../../../upstream/dial.ts'
import type { TargetTls } from '../../../upstream/tls-modes.ts'
import type { Deadlines } from '../deadlines.ts'
import {
  DEADLINE_SWEEP_MS,
  POOL_CONNECTIONS_MAX,
  POOL_FRESH_MS,
  POOL_IDLE_MAX,
  POOL_IDLE_MS,
} from '../limits.ts'
import { TargetConnection } from './connection.ts'

export interface PoolOptions {
  readonly address: TargetAddress
  readonly tls: TargetTls
  readonly deadlines: Deadlines
  readonly connectTimeout_ms: number
}

/** Kept-alive connections to one target. */
export interface TargetPool {
  /** A connection that waits already; the youngest. `repeatable`: losing it would do no harm. */
  take(repeatable: boolean): TargetConnection | undefined
  /** A new one. Rejects with TARGET_UNREACHABLE, TARGET_TLS or what the credential's files are. */
  connect(): Promise<TargetConnection>
  /** Gives back what is done; one that cannot serve again is closed by itself. */
  release(connection: TargetConnection): void
  close(): void
}

export function createTargetPool(options: PoolOptions): TargetPool {
  const { deadlines } = options
  const idle: TargetConnection[] = []
  const all = new Set<TargetConnection>()
  let dialling = 0
  let ended = false

  const timer = setInterval(() => {
    const since_ms = deadlines.now_ms() - POOL_IDLE_MS
    while (idle[0] !== undefined && idle[0].idleSince_ms < since_ms) idle[0].abandon()
  }, DEADLINE_SWEEP_MS)
  timer.unref()

  function closed(connection: TargetConnection): void {
    all.delete(connection)
    const at = idle.indexOf(connection)
    if (at >= 0) idle.splice(at, 1)
  }

  async function connect(): Promise<TargetConnection> {
    if (all.size + dialling >= POOL_CONNECTIONS_MAX) throw crowded()
    dialling += 1
    try {
      const socket = await openSocket(options)
      const connection = new TargetConnection(socket, deadlines, closed)
      all.add(connection)
      return connection
    } finally {
      dialling -= 1
    }
  }

  return {
    take(repeatable) {
      const last = idle.at(-1)
      if (last === undefined) return undefined
      if (!repeatable && deadlines.now_ms() - last.idleSince_ms > POOL_FRESH_MS) return undefined
      return idle.pop()
    },
    connect,
    release(connection) {
      if (!connection.idle) return
      if (ended || idle.length >= POOL_IDLE_MAX) {
        connection.abandon()
        return
      }
      connection.idleSince_ms = deadlines.now_ms()
      idle.push(connection)
    },
    close() {
      ended = true
      clearInterval(timer)
      for (const connection of all) connection.abandon()
    },
  }
}

async function openSocket({ address, tls, connectTimeout_ms }: PoolOptions) {
  const signal = AbortSignal.timeout(connectTimeout_ms)
  try {
    if (tls.mode === 'disable') return await dial(address, signal)
    return await dialSecure(address, tls, ['http/1.1'], signal)
  } catch (error) {
    throw asChaperoneError(error, 'TARGET_UNREACHABLE', 'The target did not answer in time.')
  }
}

function crowded(): ChaperoneError {
  return new ChaperoneError('TARGET_UNREACHABLE', 'Too many requests to the target at once.', {
    hint: 'Try again with fewer at a time.',
  })
}
