import type { Output, Outputs, Source } from '../core/operation.ts'
import type { ColumnMask, DetectMask, MaskerSpec, MaskRule } from '../core/verdict.ts'
import { stricter } from './strictness.ts'

/** What happens to each column of one result. */
export interface MaskPlan {
  /** By position; empty where nothing is known about the columns. */
  readonly columns: readonly ColumnPlan[]
  /**
   * The name that the column must have if lineage is right: known for plain columns. A result that
   * disagrees was not the one that was planned for, and all its columns are treated as `unplanned`.
   */
  readonly names: readonly (string | undefined)[]
  /** What the columns are called, for records. */
  readonly labels: readonly string[]
  /** False: the columns were not known, and all of them are treated as `unplanned`. */
  readonly known: boolean
  readonly unplanned: ColumnPlan
  /** Columns that are masked whatever they hold, for records; `*` stands for all of them. */
  readonly touches: readonly string[]
}

export type ColumnPlan = 'pass' | MaskedColumn | ScannedColumn

export interface MaskedColumn {
  readonly type: 'masked'
  readonly with: MaskerSpec
  /** An expression, or unknown: masked with one constant, so that NULL or not tells nothing. */
  readonly derived: boolean
}

interface ScannedColumn {
  readonly type: 'scanned'
  readonly detect: readonly DetectMask[]
}

const REDACT: MaskerSpec = { name: 'redact' }
const NULL: MaskerSpec = { name: 'null' }

const PASS_ALL: MaskPlan = {
  columns: [],
  names: [],
  labels: [],
  known: false,
  unplanned: 'pass',
  touches: [],
}

/**
 * Plans the masks of one result from what flows into its columns.
 *
 * - A covered column that comes out as itself is masked by the rule's masker; of several, the
 *   strictest (see strictness.ts).
 * - A column that a covered one flows into through an expression, and one of unknown sources while
 *   any column rule is in force, is masked with a constant of its type.
 * - Every other column is searched by the detect rules, where there are any.
 */
export function planMasks(outputs: Outputs, masks: readonly MaskRule[]): MaskPlan {
  if (masks.length === 0) return PASS_ALL
  const columnMasks = masks.filter((mask) => mask.type === 'columns')
  const detectMasks = masks.filter((mask) => mask.type === 'detect')
  const rest: ColumnPlan =
    detectMasks.length === 0 ? 'pass' : { type: 'scanned', detect: detectMasks }
  const unplanned = columnMasks.length === 0 ? rest : derivedFrom(columnMasks)
  if (outputs === 'none' || outputs === 'unknown') {
    const isMasked = outputs === 'unknown' && columnMasks.length > 0
    const touches = isMasked ? ['*'] : []
    return { columns: [], names: [], labels: [], known: false, unplanned, touches }
  }
  const columns = outputs.map((output) => planColumn(output, columnMasks) ?? rest)
  return {
    columns,
    names: outputs.map(expectedName),
    labels: outputs.map((output) => output.name),
    known: true,
    unplanned,
    touches: outputs
      .filter((_, i) => columns[i] !== 'pass' && columns[i] !== rest)
      .map((output) => output.name),
  }
}

/** True if no rule is in force: rows go on unread, whatever their columns are. */
export function isPass(plan: MaskPlan): boolean {
  return plan.unplanned === 'pass'
}

/** The plans for the columns that really came; `names` in their order. */
export function columnPlans(plan: MaskPlan, names: readonly string[]): readonly ColumnPlan[] {
  const agrees =
    plan.known &&
    plan.columns.length === names.length &&
    plan.names.every((expected, i) => expected === undefined || expected === names[i])
  return agrees ? plan.columns : names.map(() => plan.unplanned)
}

function planColumn(output: Output, masks: readonly ColumnMask[]): MaskedColumn | undefined {
  if (masks.length === 0) return undefined
  const { sources } = output
  if (sources === 'unknown') return derivedFrom(masks)
  const covering = masks.filter((mask) => sources.some((source) => mask.covers(source.column)))
  if (covering.length === 0) return undefined
  const isExact = sources.every((source) => source.exact || !isCovered(source, covering))
  if (!isExact) return derivedFrom(covering)
  return { type: 'masked', with: strictest(covering), derived: false }
}

function isCovered(source: Source, masks: readonly ColumnMask[]): boolean {
  return masks.some((mask) => mask.covers(source.column))
}

/** What `email` or `partial` keep is safe for the shape that they know, not for an expression. */
function derivedFrom(masks: readonly ColumnMask[]): MaskedColumn {
  const name = strictest(masks).name
  return { type: 'masked', with: name === 'null' ? NULL : REDACT, derived: true }
}

function strictest(masks: readonly ColumnMask[]): MaskerSpec {
  return masks.map((mask) => mask.with).reduce(stricter)
}

function expectedName(output: Output): string | undefined {
  const { sources } = output
  const isPlain = sources !== 'unknown' && sources.length === 1 && sources[0]!.exact
  return isPlain ? output.name : undefined
}
