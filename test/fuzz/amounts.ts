import { countFrom } from '../support/dice.ts'

const FIXED_SEED = 20_261_124

/** FUZZ_SEED makes the same inputs again; without it they are the same every time. */
export const SEED = countFrom('FUZZ_SEED', FIXED_SEED)

/** FUZZ_RUNS says how many inputs each test tries. */
export function runs(byDefault: number): number {
  return countFrom('FUZZ_RUNS', byDefault)
}
