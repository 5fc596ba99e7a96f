import type { ObjectPath } from './object.ts'

/**
 * One thing an agent asks for, in words that policy, masking, approvals and records understand
 * whatever the protocol was. It describes a *shape*: two statements that differ only in literals
 * may share one Operation, so the exact text travels beside it.
 */
export interface Operation {
  /** A short name for people: `SELECT`, `COPY`, `BEGIN; UPDATE`. */
  readonly kind: string
  /** Stable hash of the normalised text; groups alike operations in searches and reviews. */
  readonly fingerprint: string
  readonly accesses: readonly Access[]
  /** Masked columns may leak through conditions; these are the columns that conditions read. */
  readonly predicates: readonly ObjectPath[]
  /** Things that conditions compare as wholes, with every column that is in them. */
  readonly wholePredicates?: readonly ObjectPath[]
  /**
   * Columns that the target looks at by itself, so that the outcome tells of them: what policies of
   * row level security and constraints read, what a definition sorts or samples. A path above columns
   * stands for any column in it. All of the agent's masks count, not only those of the rules that take
   * part.
   */
  readonly compares?: readonly ObjectPath[]
  /** One for each statement in order: what flows into each column of its rows. */
  readonly results: readonly Outputs[]
  /** Values that are put where they stay and can be read under another name. */
  readonly copies?: readonly Copy[]
  /**
   * What no longer stands under its name afterwards: objects that are dropped, renamed, moved or no
   * longer looked at, and schemas with all that is in them.
   */
  readonly takes?: readonly ObjectPath[]
  readonly facts: OperationFacts
  /** Byte-exact text is never changed; this is what records and approvers see where it holds a secret. */
  readonly textWithoutSecrets?: string
}

/** One action on one object. An operation is allowed only if every access of it is. */
export interface Access {
  /** In the target's own vocabulary: `sql.select`, `k8s.get`. */
  readonly action: string
  readonly object: ObjectPath
  /** The parts (columns, fields) touched; absent where the object has none, `all` where unknown. */
  readonly parts?: readonly string[] | 'all'
  /**
   * `required`: some rule must allow it. `implied`: nothing needs to allow it (transaction control,
   * a harmless catalog look-up, what a granted view reads inside), but a rule may deny or hold it.
   */
  readonly grant: 'required' | 'implied'
}

/** `none`: no rows come back. `unknown`: rows come back and nothing is known about them. */
export type Outputs = readonly Output[] | 'none' | 'unknown'

export interface Output {
  readonly name: string
  readonly sources: readonly Source[] | 'unknown'
  /**
   * Of unknown sources, which may be any column: statistics, bounds of partitions, settings. All of the
   * agent's masks count for it, not only those of the rules that take part.
   */
  readonly anything?: true
}

/** A column that flows into an output: itself, or through an expression. */
export interface Source {
  readonly column: ObjectPath
  readonly exact: boolean
}

/**
 * A column that is written into a place: another table's column, a file, a setting, a channel, or
 * whatever a function does with it. Whoever reads that place later reads the column, and nothing
 * tells so. `unknown`: what is written cannot be traced. A value that an agent wrote into the
 * statement itself is no copy.
 */
export interface Copy {
  readonly from: ObjectPath | 'unknown'
  /** A column path, or the path of an object. */
  readonly to: ObjectPath
  /** `from` is an object that is copied with everything in it, such as a blob. */
  readonly whole?: true
  /**
   * Nothing is read now: a definition (a view, a new name, code) lets others read it later, perhaps
   * in a statement that was judged by the old definition. All of the agent's masks count for it,
   * not only those of the rules that take part.
   */
  readonly defined?: true
}

/** What `when` conditions may ask of `op`, beside its accesses and text. */
export interface OperationFacts {
  readonly statements: number
  readonly readOnly: boolean
  /** False when any UPDATE or DELETE in it has no WHERE. */
  readonly hasWhere: boolean
  /** How many values neither records nor approvers are shown; absent for none. */
  readonly hidden?: number
  /**
   * What takes part and was not seen when it was judged; absent for nothing. `data`: rows that a client
   * sends later, or that lie in a file. `code`: functions, procedures and blocks, whose own statements
   * are not read.
   */
  readonly unseen?: readonly Unseen[]
  /** What is sent is in a form whose text cannot be told: rules with texts take it for matched or fail. */
  readonly unread?: true
}

export type Unseen = 'data' | 'code'
