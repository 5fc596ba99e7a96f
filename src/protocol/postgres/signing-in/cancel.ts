import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { SteadyClock } from '../../../core/clock.ts'
import { ChaperoneError } from '../../../core/errors.ts'
import type { TargetAddress } from '../../../upstream/dial.ts'
import { TARGET_TIMEOUT_MS } from '../../../upstream/limits.ts'
import type { TargetTls } from '../../../upstream/tls-modes.ts'
import { CANCEL_WINDOW_MS, CANCELS_PER_WINDOW_MAX } from './handshake-limits.ts'
import { cancelRequest } from './handshake-messages.ts'
import { openTargetLine } from './target-line.ts'

/** What a client gets in BackendKeyData. It is the gateway's own, never the target's. */
interface CancelKey {
  readonly pid: number
  readonly secret: number
  /** The session is over; the key means nothing from now on. */
  release(): void
}

export interface CancelRegistry {
  /**
   * A key that no live session has; `onCancel` is called when it is presented. It resolves when the
   * cancel can hit nothing any more, and never rejects.
   */
  issue(onCancel: () => Promise<void>): CancelKey
  /**
   * Handles a CancelRequest to its end: a client that is told of it sooner would send its next statement
   * into it. The protocol never says whether a key was good; this does, for the log.
   * Only good keys are counted, each for itself: wrong ones do nothing, 63 bits are not guessed, and
   * whoever shares an address with somebody noisy can still cancel.
   */
  request(pid: number, secret: number): Promise<'cancelled' | 'unknown' | 'limited'>
}

interface Entry {
  readonly secret: Buffer
  readonly onCancel: () => Promise<void>
  /** Of the window that began then. */
  cancels: number
  since_ms: number
}

export function openCancelRegistry(clock: SteadyClock): CancelRegistry {
  const live = new Map<number, Entry>()
  const nobody = secretBytes(randomInt32())

  return {
    issue(onCancel) {
      let pid = randomPid()
      while (live.has(pid)) pid = randomPid()
      const secret = randomInt32()
      const entry = { secret: secretBytes(secret), onCancel, cancels: 0, since_ms: -Infinity }
      live.set(pid, entry)
      return {
        pid,
        secret,
        release: () => {
          if (live.get(pid) === entry) live.delete(pid)
        },
      }
    },
    async request(pid, secret) {
      const entry = live.get(pid)
      const equal = timingSafeEqual(entry?.secret ?? nobody, secretBytes(secret))
      if (entry === undefined || !equal) return 'unknown'
      if (!mayCancel(entry, clock.steady_ms())) return 'limited'
      await entry.onCancel()
      return 'cancelled'
    },
  }
}

function randomInt32(): number {
  return randomBytes(4).readInt32BE(0)
}

/** Some clients take a process id of zero or less for none. */
function randomPid(): number {
  return randomInt32() & 0x7fff_ffff || 1
}

function secretBytes(secret: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(secret)
  return bytes
}

/** Each cancel may open a connection to the target. */
function mayCancel(entry: Entry, now_ms: number): boolean {
  if (now_ms - entry.since_ms >= CANCEL_WINDOW_MS) {
    entry.cancels = 0
    entry.since_ms = now_ms
  }
  entry.cancels += 1
  return entry.cancels <= CANCELS_PER_WINDOW_MAX
}

export interface CancelTarget {
  readonly address: TargetAddress
  readonly tls: TargetTls
  readonly pid: number
  readonly secret: number
  readonly timeout_ms?: number
}

/**
 * Tells the target to cancel, with its own key, on a new connection that is encrypted as the
 * session's is. Resolves when the target has taken it, which it says by closing. Rejects as
 * `openTargetLine` does.
 */
export async function forwardCancel(target: CancelTarget): Promise<void> {
  const deadline = new AbortController()
  const timer = setTimeout(() => {
    deadline.abort(new ChaperoneError('TARGET_UNREACHABLE', 'The target took no cancel in time.'))
  }, target.timeout_ms ?? TARGET_TIMEOUT_MS)
  try {
    const { socket, intake } = await openTargetLine(target.address, target.tls, deadline.signal)
    socket.write(cancelRequest(target.pid, target.secret))
    await intake.peek(1).catch(() => {})
    intake.release()
    socket.destroy()
    deadline.signal.throwIfAborted()
  } finally {
    clearTimeout(timer)
  }
}
