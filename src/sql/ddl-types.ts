import type { ObjectPath } from '../core/object.ts'
import type { Action } from './actions.ts'
import type { Analysis } from './analysis.ts'
import type { BodyOf, NodeKind } from './tree.ts'

/** How a statement is judged that makes, changes or drops one kind of thing, and nothing else. */
export interface Definition<K extends NodeKind> {
  readonly kind: string
  readonly action: Action
  readonly objects: (a: Analysis, body: BodyOf<K>) => readonly ObjectPath[]
  /** Fields that `objects` has dealt with; all others are walked. */
  readonly named?: readonly string[]
  readonly secret?: boolean
  /** `names`: it changes what its objects' names mean; `nothing`: it changes what no name means. */
  readonly touches?: 'names' | 'nothing'
}

export type Definitions = { readonly [K in NodeKind]?: Definition<K> }
