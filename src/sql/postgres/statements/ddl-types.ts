import type { ObjectPath } from '../../../core/object.ts'
import type { Action } from '../../actions.ts'
import type { BodyOf, Node, NodeKind } from '../parse/tree.ts'
import type { Analysis } from '../reading/analysis.ts'

/** How a statement is judged that makes, changes or drops one kind of thing, and nothing else. */
export interface Definition<K extends NodeKind> {
  readonly kind: string
  readonly action: Action
  readonly objects: (a: Analysis, body: BodyOf<K>) => readonly ObjectPath[]
  /** Fields that `objects` has dealt with; all others are walked. */
  readonly named?: readonly string[]
  readonly secret?: boolean
  /**
   * What it makes readable: what flows into its expressions, or anything, since it is code that is
   * not looked into or lies outside.
   */
  readonly shows?: (body: BodyOf<K>) => 'flow' | 'anything'
  /** The function that will be called where no statement names it. */
  readonly runs?: (body: BodyOf<K>) => Node | undefined
  /** Relations whose columns its expressions name; whether they hold tells of those columns. */
  readonly of?: (body: BodyOf<K>) => readonly BodyOf<'RangeVar'>[]
  /** What its expressions may look at, where that is not known: columns of any table. */
  readonly compares?: (body: BodyOf<K>) => boolean
  /** `names`: it changes what its objects' names mean; `nothing`: it changes what no name means. */
  readonly touches?: 'names' | 'nothing'
}

export type Definitions = { readonly [K in NodeKind]?: Definition<K> }
