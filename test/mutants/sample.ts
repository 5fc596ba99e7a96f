import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDice } from '../support/dice.ts'
import type { Change } from './changes.ts'
import { changesOf } from './changes.ts'

export interface Mutant {
  readonly path: string
  readonly change: Change
}

export function isProduct(path: string): boolean {
  return path.startsWith('src/') && /(?<!\.test)\.ts$/.test(path)
}

/** `count` different changes out of all that the files allow: the same ones for the same seed. */
export function sample(
  root: string,
  paths: readonly string[],
  count: number,
  seed: number,
): Mutant[] {
  const all = paths.flatMap((path) =>
    changesOf(readFileSync(join(root, path), 'utf8')).map((change) => ({ path, change })),
  )
  const dice = createDice(seed)
  const chosen: Mutant[] = []
  while (chosen.length < count && all.length > 0) {
    chosen.push(...all.splice(dice.between(0, all.length), 1))
  }
  return chosen
}
