import type { ColumnMask, DetectMask } from '../../../core/verdict.ts'
import type { Judgement } from '../../../session/governed.ts'
import { masksElsewhere } from './due-masks.ts'

export interface StorageMasks {
  readonly detect: readonly DetectMask[]
  readonly columns: readonly ColumnMask[]
  readonly any: boolean
}

/**
 * The masks of the rules that let the request through; where it `echoes` what there is after a change, also
 * those of what the agent may read there.
 */
export function masksOf(judgement: Judgement, echoes: boolean): StorageMasks {
  const { verdict } = judgement
  const own = verdict.effect === 'deny' ? [] : verdict.obligations.masks
  const all = echoes ? [...own, ...masksElsewhere(judgement)] : own
  return {
    detect: all.filter((mask) => mask.type === 'detect'),
    columns: all.filter((mask) => mask.type === 'columns'),
    any: all.length > 0,
  }
}
