/** So many taken items may be kept before they are let go; a queue need never be empty for that. */
const TAKEN_MAX = 1024

/** A first-in, first-out queue whose head stays cheap to look at. */
export class Fifo<V> {
  #items: V[] = []
  #at = 0

  get size(): number {
    return this.#items.length - this.#at
  }

  get head(): V | undefined {
    return this.#items[this.#at]
  }

  push(item: V): void {
    this.#items.push(item)
  }

  shift(): V | undefined {
    const item = this.#items[this.#at]
    if (item === undefined) return undefined
    this.#at++
    if (this.#at === this.#items.length) {
      this.#items = []
      this.#at = 0
    } else if (this.#at >= TAKEN_MAX && this.#at * 2 >= this.#items.length) {
      this.#items = this.pending()
      this.#at = 0
    }
    return item
  }

  /** What waits, head first. */
  pending(): V[] {
    return this.#items.slice(this.#at)
  }

  drain(): V[] {
    const rest = this.pending()
    this.#items = []
    this.#at = 0
    return rest
  }
}
