/**
 * What stops the target in the middle of what it is doing. A cancel goes to it on a connection of its
 * own, and hits whatever runs when it arrives: so nothing new is sent before it has.
 */
export class Cancels {
  #underWay = 0
  readonly #send: () => Promise<void>
  readonly #settled: () => void

  /** `send` resolves or rejects when the target has taken it, or the time for that is over. */
  constructor(send: () => Promise<void>, settled: () => void) {
    this.#send = send
    this.#settled = settled
  }

  get underWay(): boolean {
    return this.#underWay > 0
  }

  /** Resolves when it can hit nothing any more. Never rejects. */
  send(): Promise<void> {
    this.#underWay++
    const settled = () => {
      this.#underWay--
      this.#settled()
    }
    return this.#send().then(settled, settled)
  }
}
