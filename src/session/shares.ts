import assert from 'node:assert/strict'
import type { Denial } from '../core/denial.ts'
import { ChaperoneError } from '../core/errors.ts'

/**
 * Memory that peers can make the gateway hold, in bytes, counted for who makes it do so. Each holder
 * has a bound, all together have one, and the last part of the sum is for those who hold little:
 * however much others take, the next one still gets its small share.
 *
 * Holders are names: an agent's where one has signed in, an address where nobody has. Agents and
 * strangers never share a sum (`Memory`), or whoever can reach a port could take the agents' part.
 */
export interface Shares {
  /** False: there is no room for so much more, and nothing is taken. */
  take(holder: string, bytes: number): boolean
  /** Gives back what was taken. */
  give(holder: string, bytes: number): void
  held(holder: string): number
  /** Held by all together. */
  readonly total: number
  /** For what ends as a whole (a session, a request), so that nothing of it can stay taken. */
  open(holder: string): Share
}

/** What one session or request holds. */
export interface Share {
  readonly bytes: number
  /** False: there is no room for so much more, and nothing is taken. */
  take(bytes: number): boolean
  give(bytes: number): void
  /** For one amount of it that goes up and down. */
  part(): Part
  /** Gives all of it back. What is taken afterwards is refused, what is given ignored. */
  close(): void
}

/** One amount: the bytes of a buffer, say. */
export interface Part {
  /** How much it is by now. False: there is no room for so much, and it stays what it was. */
  set(bytes: number): boolean
}

/** Of agents who have signed in, by name, and of peers who have not, by address. */
export interface Memory {
  readonly agents: Shares
  readonly strangers: Shares
}

export interface ShareLimits {
  /** All holders together. */
  readonly bytesMax: number
  /** One holder. */
  readonly perHolderMax: number
}

/** Of the sum, this part is only for those who hold less than a small share. */
const RESERVE_PART = 1 / 4

/** So many holders find their small share in the reserve at once. */
const SMALL_SHARES = 64

export function createShares({ bytesMax, perHolderMax }: ShareLimits): Shares {
  const reserve = Math.floor(bytesMax * RESERVE_PART)
  const smallShare = Math.floor(reserve / SMALL_SHARES)
  const holders = new Map<string, number>()
  let total = 0

  function take(holder: string, bytes: number): boolean {
    assert.ok(bytes >= 0)
    const held = (holders.get(holder) ?? 0) + bytes
    if (held > perHolderMax) return false
    if (total + bytes > (held <= smallShare ? bytesMax : bytesMax - reserve)) return false
    total += bytes
    if (held > 0) holders.set(holder, held)
    return true
  }

  function give(holder: string, bytes: number): void {
    const held = (holders.get(holder) ?? 0) - bytes
    assert.ok(bytes >= 0 && held >= 0, 'more was given back than was taken')
    total -= bytes
    if (held > 0) holders.set(holder, held)
    else holders.delete(holder)
  }

  function open(holder: string): Share {
    let bytes = 0
    let closed = false
    const more = (count: number): boolean => {
      if (closed || !take(holder, count)) return false
      bytes += count
      return true
    }
    const less = (count: number): void => {
      if (closed) return
      assert.ok(count <= bytes, 'more was given back than was taken')
      give(holder, count)
      bytes -= count
    }
    return {
      get bytes() {
        return bytes
      },
      take: more,
      give: less,
      part() {
        let held = 0
        return {
          set(count) {
            if (count > held && !more(count - held)) return false
            if (count < held) less(held - count)
            held = count
            return true
          },
        }
      },
      close() {
        if (closed) return
        closed = true
        give(holder, bytes)
        bytes = 0
      },
    }
  }

  return {
    take,
    give,
    held: (holder) => holders.get(holder) ?? 0,
    get total() {
      return total
    },
    open,
  }
}

/** Strangers get a sixteenth beside it, and each address an eighth of that: a few hundred heads. */
export function createMemory(agents: ShareLimits): Memory {
  const strangersMax = Math.floor(agents.bytesMax / 16)
  return {
    agents: createShares(agents),
    strangers: createShares({
      bytesMax: strangersMax,
      perHolderMax: Math.floor(strangersMax / 8),
    }),
  }
}

/** For who has no share left. `what` begins the sentence: "The message". */
export function noMemory(what: string): Denial {
  return {
    code: 'MEMORY_LIMIT',
    message: `${what} needs more memory than is left for the agent.`,
    hint: 'Send less at once, close prepared statements that are not used, or try again later.',
  }
}

export function outOfMemory(what: string): ChaperoneError {
  const { code, message, hint } = noMemory(what)
  return new ChaperoneError(code, message, { hint })
}
