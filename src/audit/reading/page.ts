export interface Page<T> {
  readonly items: readonly T[]
  /** Give it back as `after` to read on. */
  readonly next?: string
}
