import type { ColumnMask, DetectMask } from '../../core/verdict.ts'
import type { Judgement } from '../../session/governed.ts'

export interface StorageMasks {
  readonly detect: readonly DetectMask[]
  readonly columns: readonly ColumnMask[]
  readonly any: boolean
}

/** The masks of the rules that let the request through. */
export function masksOf({ verdict }: Judgement): StorageMasks {
  const all = verdict.effect === 'deny' ? [] : verdict.obligations.masks
  return {
    detect: all.filter((mask) => mask.type === 'detect'),
    columns: all.filter((mask) => mask.type === 'columns'),
    any: all.length > 0,
  }
}
