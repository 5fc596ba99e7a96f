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
