/** A message that has begun to come goes on at this pace, slower than any link that works. */
const BYTES_PER_SECOND_MIN = 64 * 1024

/** What every message has beside it: a network that falters for a moment. */
const GRACE_MS = 30_000

/** What is waited for: the next message, while only a part of it has come. */
export interface Incomplete {
  /** Of the messages that were wholly there before it. */
  readonly number: number
  readonly bytes: number
}

/**
 * Watches that a message which has begun to come goes on coming: what is there of it is held in
 * memory, for as long as its sender likes. Asked now and then; true once it was too slow.
 */
export function watchUnfinished(): (now_ms: number, incomplete: Incomplete | undefined) => boolean {
  let watched: (Incomplete & { readonly since_ms: number }) | undefined
  return (now_ms, incomplete) => {
    if (incomplete === undefined) {
      watched = undefined
      return false
    }
    if (watched?.number !== incomplete.number) watched = { ...incomplete, since_ms: now_ms }
    const came = incomplete.bytes - watched.bytes
    return now_ms - watched.since_ms > GRACE_MS + (came / BYTES_PER_SECOND_MIN) * 1000
  }
}
