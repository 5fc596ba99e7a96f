import { addressKey } from '../core/address.ts'

/** Connections of one listener, and who of them has said who it is. */
export interface Places {
  /**
   * A place for a connection whose peer is a stranger still. `evict` is called when somebody newer
   * needs it. Undefined: every place is taken by peers who are known.
   */
  enter(address: string, evict: () => void): Place | undefined
}

export interface Place {
  /** It is known who this is: from now on nobody else gets the place. */
  keep(): void
  leave(): void
}

export interface PlaceLimits {
  readonly connectionsMax: number
  readonly perAddressMax: number
}

/**
 * Of the places, so many may be strangers'. Whoever is asked for a password answers within a second:
 * thousands of sign-ins a second find room, and as many silent sockets do not close the door.
 */
const STRANGERS_PART = 1 / 2

interface Peer {
  readonly address: string
  readonly evict: () => void
  here: boolean
}

/**
 * A stranger who finds no place takes that of the stranger who has waited longest: at its own
 * address where that has as many as it may have, else at the address that has most. Who is known
 * is never moved.
 */
export function createPlaces({ connectionsMax, perAddressMax }: PlaceLimits): Places {
  const strangersMax = Math.ceil(connectionsMax * STRANGERS_PART)
  const strangersPerAddressMax = Math.ceil(perAddressMax * STRANGERS_PART)
  /** By address; each oldest first. */
  const strangers = new Map<string, Set<Peer>>()
  const taken = new Map<string, number>()
  let waiting = 0
  let total = 0

  /** No longer a stranger. */
  function known(peer: Peer): void {
    const own = strangers.get(peer.address)
    if (own?.delete(peer) !== true) return
    waiting -= 1
    if (own.size === 0) strangers.delete(peer.address)
  }

  function leave(peer: Peer): void {
    if (!peer.here) return
    peer.here = false
    known(peer)
    total -= 1
    const left = (taken.get(peer.address) ?? 1) - 1
    if (left === 0) taken.delete(peer.address)
    else taken.set(peer.address, left)
  }

  /** False where nobody there can be moved. */
  function evictOldest(own: ReadonlySet<Peer> | undefined): boolean {
    for (const peer of own ?? []) {
      leave(peer)
      peer.evict()
      return true
    }
    return false
  }

  function fullest(): ReadonlySet<Peer> | undefined {
    let most: ReadonlySet<Peer> | undefined
    for (const own of strangers.values()) if (own.size > (most?.size ?? 0)) most = own
    return most
  }

  return {
    enter(from, evict) {
      const address = addressKey(from)
      const own = strangers.get(address)
      const crowded =
        (own?.size ?? 0) >= strangersPerAddressMax || (taken.get(address) ?? 0) >= perAddressMax
      if (crowded && !evictOldest(own)) return undefined
      const full = waiting >= strangersMax || total >= connectionsMax
      if (full && !evictOldest(fullest())) return undefined
      const peer: Peer = { address, evict, here: true }
      strangers.set(address, (strangers.get(address) ?? new Set()).add(peer))
      waiting += 1
      taken.set(address, (taken.get(address) ?? 0) + 1)
      total += 1
      return { keep: () => known(peer), leave: () => leave(peer) }
    },
  }
}
