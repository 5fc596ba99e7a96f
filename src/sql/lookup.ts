/**
 * Names to ask the target's catalog for, spelled as the statement spells them. An empty look-up
 * still asks for what every statement needs: the search path, and operators and casts of users.
 */
export interface Lookup {
  readonly relations: readonly QualifiedName[]
  readonly routines: readonly QualifiedName[]
  /** Relations that are written to: whether that runs code is asked for these alone, since it costs more. */
  readonly written?: readonly QualifiedName[]
}

/** A name with its schema where one was written; case is already folded as PostgreSQL folds it. */
export interface QualifiedName {
  readonly schema?: string
  readonly name: string
}
