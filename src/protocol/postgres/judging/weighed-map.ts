/** A map that knows what its entries weigh together. A value's weight must not change in it. */
export class WeighedMap<V> extends Map<string, V> {
  readonly #weigh: (name: string, value: V) => number
  #bytes = 0

  constructor(weigh: (name: string, value: V) => number) {
    super()
    this.#weigh = weigh
  }

  get bytes(): number {
    return this.#bytes
  }

  override set(name: string, value: V): this {
    this.delete(name)
    this.#bytes += this.#weigh(name, value)
    return super.set(name, value)
  }

  override delete(name: string): boolean {
    const before = this.get(name)
    if (before !== undefined) this.#bytes -= this.#weigh(name, before)
    return super.delete(name)
  }

  override clear(): void {
    this.#bytes = 0
    super.clear()
  }
}
