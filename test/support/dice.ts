/** Chances that come again with the same seed. */
export interface Dice {
  readonly seed: number
  /** A whole number from `least` up to, not including, `end`. */
  between(least: number, end: number): number
  pick<T>(from: readonly T[]): T
  /** Dice of its own for one of several that throw at the same time. */
  child(index: number): Dice
}

/** From an environment variable, or of the moment; a test prints it so that a failure can be had again. */
export function seedFrom(variable: string): number {
  const given = process.env[variable]
  return given === undefined ? Date.now() % 1_000_000 : Number(given)
}

/** A whole number from an environment variable, for the long forms of suites. */
export function countFrom(variable: string, byDefault: number): number {
  return Number(process.env[variable] ?? byDefault)
}

/** Mulberry32: small, and good enough to choose moments. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, end: number) => least + Math.floor(next() * (end - least))
  return {
    seed,
    between,
    pick: (from) => from[between(0, from.length)]!,
    child: (index) => createDice(Math.imul(seed + 1, 0x9e3779b1) + index),
  }
}
