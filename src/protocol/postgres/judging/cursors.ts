import type { Classified, Effect } from '../../../sql/classification.ts'
import type { CatalogScope } from '../../../sql/postgres/catalog/catalog.ts'
import { weightOf } from '../../../sql/weight.ts'
import type { Opening } from './opening.ts'
import { WeighedMap } from './weighed-map.ts'

type Declaration = Extract<Effect, { type: 'declare' }>

interface Cursor {
  readonly text: string
  readonly query: Classified
  readonly hold: boolean
  readonly opening: Opening
  /** It was held beyond its transaction. */
  held: boolean
  readonly weight: number
}

/**
 * Cursors that SQL declared, for as long as the target has them: a name that outlived its cursor would
 * stand for what code in the database opens under it.
 */
export class Cursors {
  readonly #cursors = new WeighedMap<Cursor>((name, { weight }) => name.length + weight)

  get bytes(): number {
    return this.#cursors.bytes
  }

  get size(): number {
    return this.#cursors.size
  }

  has(name: string): boolean {
    return this.#cursors.has(name)
  }

  get(name: string): { readonly text: string; readonly query: Classified } | undefined {
    return this.#cursors.get(name)
  }

  declare({ cursor, text, query, hold }: Declaration, scope: CatalogScope): void {
    const opening = { at: undefined, suspect: false, scope }
    const weight = text.length + weightOf(query)
    this.#cursors.set(cursor, { text, query, hold, opening, held: false, weight })
  }

  delete(name: string): void {
    this.#cursors.delete(name)
  }

  clear(): void {
    this.#cursors.clear()
  }

  openingOf(name: string): Opening | undefined {
    return this.#cursors.get(name)?.opening
  }

  openings(): [name: string, Opening][] {
    return [...this.#cursors].map(([name, { opening }]) => [name, opening])
  }

  /** The transaction is over; only what is declared WITH HOLD stays, and only once it is committed. */
  transactionOver(committed: boolean): void {
    for (const [name, cursor] of this.#cursors) {
      cursor.held ||= committed && cursor.hold
      if (!cursor.held) this.#cursors.delete(name)
    }
  }
}
