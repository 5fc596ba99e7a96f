import type { Part, Shares } from '../../../session/shares.ts'
import type { Incoming } from '../../../wire/incoming.ts'
import { memoryUsedUp } from '../failure.ts'
import { HeadReader } from './wire-head.ts'
import type { WireRequest } from './wire-request.ts'
import { REQUEST_RULES, wireRequest } from './wire-request.ts'

/** Reads the requests of one connection, one after another. */
export class RequestReader {
  readonly #heads = new HeadReader(REQUEST_RULES)
  readonly #strangers: Shares
  readonly #address: string
  /** While a head comes in pieces. Nobody has signed in with it: it counts for its address. */
  #memory: Part | undefined

  constructor(strangers: Shares, address: string) {
    this.#strangers = strangers
    this.#address = address
  }

  /** Takes a request's head when all of it is there. Throws what is wrong with it, and MEMORY_LIMIT. */
  read(incoming: Incoming): WireRequest | undefined {
    const result = this.#heads.read(incoming.bytes, 0)
    if (result === 'incomplete') {
      this.#memory ??= this.#strangers.open(this.#address).part()
      if (!this.#memory.set(incoming.held)) throw memoryUsedUp()
      return undefined
    }
    this.close()
    const wire = wireRequest(result.head)
    incoming.skip(result.next)
    return wire
  }

  close(): void {
    this.#memory?.set(0)
    this.#memory = undefined
  }
}
