import { refuse } from '../../refuse.ts'
import { WORK_BASE, WORK_PER_CHARACTER } from './limits.ts'

/**
 * What the analysis of one text may cost. Who writes a statement chooses several sizes in it (tables,
 * columns of each, references to them), and so their product; the text's own length bounds none of
 * that. Whatever visits, copies or merges as many things as such a size says so here, and before it
 * does. The few functions that do (of sources, scopes, columns and records) want a budget, and the
 * rest of the analysis goes through them.
 */
export interface Budget {
  /** Counts visits, of about 50 ns each. Throws SQL_TOO_COMPLEX once they are too many, and ever after. */
  readonly charge: (visits: number) => void
}

/** A budget that tells what was spent of it. */
export interface Meter extends Budget {
  readonly spent: number
}

/** What a text of this length is worth. */
export function budgetFor(textLength: number): Meter {
  return createBudget(WORK_BASE + WORK_PER_CHARACTER * textLength)
}

export function createBudget(visitsMax: number): Meter {
  let spent = 0
  return {
    charge(visits) {
      spent += visits
      if (spent > visitsMax) tooComplex()
    },
    get spent() {
      return spent
    },
  }
}

function tooComplex(): never {
  return refuse(
    'SQL_TOO_COMPLEX',
    'Telling what the statement reads would take too long.',
    'Name the columns that are needed in place of * and whole rows, or split the statement.',
  )
}
