import type { Operation, Outputs } from '../../core/operation.ts'
import type { ColumnMask, DetectMask, MaskRule } from '../../core/verdict.ts'
import type { MaskPlan } from '../../mask/plan.ts'
import { isPass, planMasks } from '../../mask/plan.ts'
import type { Judgement } from '../../session/governed.ts'
import type { CatalogScope } from '../../sql/catalog.ts'
import type { FieldDescription } from './message.ts'
import { formatOf } from './parameters.ts'
import type { Run } from './run.ts'

/** The mask rules that an operation's answer is under. */
export function masksOf(judgement: Judgement): readonly MaskRule[] {
  const { verdict } = judgement
  return verdict.effect === 'deny' ? [] : verdict.obligations.masks
}

/** True if rows of its answer cannot pass without their description being known. */
export function needsFields(judgement: Judgement): boolean {
  return judgement.plans.some((plan) => !isPass(plan))
}

/** The description of a portal: that of its statement, with the formats that Bind asked for. */
export function withFormats(
  fields: readonly FieldDescription[] | undefined,
  formats: readonly number[],
): readonly FieldDescription[] | undefined {
  if (fields === undefined) return undefined
  if (fields.every((field, index) => field.format === formatOf(formats, index))) return fields
  return fields.map((field, index) => ({ ...field, format: formatOf(formats, index) }))
}

/**
 * The plan for the result that is coming in. The target's own description is held against it: a
 * column that says it comes from another table than lineage found means that names have changed
 * their meaning since, and then nothing about the result is known.
 */
export function planFor(
  run: Run,
  fields: readonly FieldDescription[],
  scope: CatalogScope,
): MaskPlan {
  const outputs = run.operation.results[run.index] ?? 'unknown'
  const plan = run.judgement.plans[run.index]
  if (plan !== undefined && agrees(outputs, fields, scope)) return plan
  return planMasks('unknown', masksOf(run.judgement))
}

function agrees(
  outputs: Outputs,
  fields: readonly FieldDescription[],
  scope: CatalogScope,
): boolean {
  if (outputs === 'none' || outputs === 'unknown') return true
  if (outputs.length !== fields.length) return false
  return fields.every((field, index) => {
    const { sources } = outputs[index]!
    if (field.tableOid === 0 || sources === 'unknown') return true
    const path = scope.columnAt(field.tableOid, field.columnNumber)
    if (path === undefined) return true
    return sources.some(({ column }) => samePath(column, path))
  })
}

function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((segment, index) => segment === b[index])
}

/** True if the operation reads a column that a rule masks: then the target's texts may hold its values. */
export function readsMasked(operation: Operation, masks: readonly MaskRule[]): boolean {
  const columns = masks.filter((mask) => mask.type === 'columns')
  if (columns.length === 0) return false
  return (
    operation.predicates.some((column) => covered(columns, column)) ||
    operation.results.some((outputs) => flows(outputs, columns)) ||
    operation.accesses.some(
      ({ object, parts }) =>
        parts === 'all' || parts?.some((part) => covered(columns, [...object, part])),
    )
  )
}

function covered(masks: readonly ColumnMask[], column: readonly string[]): boolean {
  return masks.some((mask) => mask.covers(column))
}

function flows(outputs: Outputs, masks: readonly ColumnMask[]): boolean {
  if (outputs === 'none') return false
  if (outputs === 'unknown') return true
  return outputs.some(
    ({ sources }) => sources === 'unknown' || sources.some(({ column }) => covered(masks, column)),
  )
}

export function detectMasks(masks: readonly MaskRule[]): readonly DetectMask[] {
  return masks.filter((mask) => mask.type === 'detect')
}
