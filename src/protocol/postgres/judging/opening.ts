import type { CatalogScope } from '../../../sql/postgres/catalog/catalog.ts'

/**
 * One opening of a cursor or portal. Code that the target runs can close it and open another under its
 * name; the target tells the moments at which each was opened, which differ from one message of
 * the client's to the next.
 */
export interface Opening {
  /** As the target tells it; asked for before code runs. */
  at: string | undefined
  /** Code has run since. */
  suspect: boolean
  /** The catalog by which its names were resolved. */
  readonly scope: CatalogScope
}
