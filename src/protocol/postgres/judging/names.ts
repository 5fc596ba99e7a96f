import { WeighedMap } from './weighed-map.ts'

/**
 * Prepared statements and portals have names, and a name changes its meaning only when the target
 * acknowledges the change. Until then the change is *unsettled*: it is certain within its own batch
 * (if it fails, the target skips the rest of that batch too), and uncertain after it.
 */
export interface Change<V> {
  readonly name: string
  /** What the name will stand for; undefined when it will stand for nothing. */
  readonly value: V | undefined
  readonly batch: number
  /** True when, should this change fail, the name could stand for something else than nothing. */
  readonly contested: boolean
}

export class Namespace<V> {
  readonly #settled: WeighedMap<V>
  readonly #unsettled: WeighedMap<Change<V>>

  /** `weigh`: about what a value takes in memory, in bytes. */
  constructor(weigh: (value: V) => number = () => 0) {
    this.#settled = new WeighedMap((name, value) => name.length + weigh(value))
    this.#unsettled = new WeighedMap(
      (name, { value }) => name.length + (value === undefined ? 0 : weigh(value)),
    )
  }

  /** To be called when the message that makes the change is forwarded. */
  change(name: string, value: V | undefined, batch: number): Change<V> {
    const contested = this.#settled.has(name) || this.#unsettled.has(name)
    const change = { name, value, batch, contested }
    this.#unsettled.set(name, change)
    return change
  }

  acknowledge(change: Change<V>): void {
    this.apply(change.name, change.value)
    this.abandon(change)
  }

  /** The target refused or skipped the change. */
  abandon(change: Change<V>): void {
    if (this.#unsettled.get(change.name) === change) this.#unsettled.delete(change.name)
  }

  /** A change that the target has already made. */
  apply(name: string, value: V | undefined): void {
    if (value === undefined) this.#settled.delete(name)
    else this.#settled.set(name, value)
  }

  /** What the name stands for when seen from `batch`, or that this is not certain yet. */
  look(name: string, batch: number): V | undefined | 'unsettled' {
    const change = this.#unsettled.get(name)
    if (change === undefined) return this.#settled.get(name)
    const certain = change.batch === batch || (!change.contested && change.value !== undefined)
    return certain ? change.value : 'unsettled'
  }

  each(visit: (name: string, value: V) => void): void {
    for (const [name, value] of this.#settled) visit(name, value)
  }

  /** Forgets what is settled; `each` sees every value that goes. */
  clear(each: (value: V) => void): void {
    for (const value of this.#settled.values()) each(value)
    this.#settled.clear()
  }

  settled(name: string): V | undefined {
    return this.#settled.get(name)
  }

  /** What is kept for all of its names. */
  get bytes(): number {
    return this.#settled.bytes + this.#unsettled.bytes
  }

  get size(): number {
    return this.#settled.size + this.#unsettled.size
  }
}
