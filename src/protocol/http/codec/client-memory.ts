import type { Part, Share, Shares } from '../../../session/shares.ts'

/**
 * What one connection, or one stream of it, makes the gateway keep: what it sent and nobody has taken, and
 * what it was sent and has not taken. Counts for its address until it is known whose it is, then for that
 * agent, also after the request is over.
 */
export class ClientMemory {
  #open: () => Share
  #share: Share | undefined
  #part: Part | undefined
  #bytes = 0
  #full = false
  #closed = false

  constructor(strangers: Shares, address: string) {
    this.#open = () => strangers.open(address)
  }

  /** More is kept than may be: it is not counted, and has to go. */
  get full(): boolean {
    return this.#full
  }

  /** How much it is by now. False: there is no room for so much. */
  set(bytes: number): boolean {
    if (this.#closed) return true
    if (bytes === 0) this.#release()
    else {
      this.#share ??= this.#open()
      this.#part ??= this.#share.part()
      this.#full = !this.#part.set(bytes)
      if (!this.#full) this.#bytes = bytes
    }
    return !this.#full
  }

  /** It is another's from now on. False: that one has no room for it. */
  countFor(open: () => Share): boolean {
    const bytes = this.#bytes
    this.#release()
    this.#open = open
    return this.set(bytes)
  }

  /** The client is gone. What is written to it afterwards goes nowhere. */
  close(): void {
    this.#release()
    this.#closed = true
  }

  #release(): void {
    this.#share?.close()
    this.#share = undefined
    this.#part = undefined
    this.#bytes = 0
    this.#full = false
  }
}
