import type { ObjectPath } from '../../../core/object.ts'
import type { ColumnMask, MaskRule } from '../../../core/verdict.ts'
import type { MaskPlan } from '../../../mask/plan.ts'
import { isPass, planMasks } from '../../../mask/plan.ts'
import type { Judgement } from '../../../session/governed.ts'
import type { CatalogScope } from '../../../sql/postgres/catalog/catalog.ts'
import type { FieldDescription } from '../messages/message.ts'
import { formatOf } from '../messages/parameters.ts'
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
 * masked column that the plan lets pass, or a table that nothing was classified with, means that
 * names have changed their meaning since, and then nothing about the result is known.
 */
export function planFor(
  run: Run,
  fields: readonly FieldDescription[],
  scopes: readonly CatalogScope[],
): MaskPlan {
  const masks = masksOf(run.judgement)
  const plan = run.judgement.plans[run.index]
  if (plan !== undefined && agrees(plan, fields, masks, scopes)) return plan
  return planMasks('unknown', masks)
}

/** System tables are made with smaller numbers (FirstNormalObjectId in src/include/access/transam.h). */
const FIRST_USER_OID = 16_384

function agrees(
  plan: MaskPlan,
  fields: readonly FieldDescription[],
  masks: readonly MaskRule[],
  scopes: readonly CatalogScope[],
): boolean {
  const columnMasks = masks.filter((mask) => mask.type === 'columns')
  if (columnMasks.length === 0 || !plan.known) return true
  return fields.every(({ tableOid, columnNumber }, index) => {
    const column = plan.columns[index] ?? 'pass'
    if (tableOid < FIRST_USER_OID || (column !== 'pass' && column.type === 'masked')) return true
    // System columns (ctid, xmin, tableoid) have negative numbers, and no data of users.
    if (columnNumber < 0) return true
    const paths = firstKnown(scopes, (scope) => columnsAt(scope, tableOid, columnNumber))
    return paths.length > 0 && !paths.some((path) => covered(columnMasks, path))
  })
}

function firstKnown(
  scopes: readonly CatalogScope[],
  look: (scope: CatalogScope) => readonly ObjectPath[],
): readonly ObjectPath[] {
  for (const scope of scopes) {
    const paths = look(scope)
    if (paths.length > 0) return paths
  }
  return []
}

/** Column 0 is the whole row as one value; none is known of a table that nothing was classified with. */
function columnsAt(
  scope: CatalogScope,
  tableOid: number,
  columnNumber: number,
): readonly ObjectPath[] {
  if (columnNumber === 0) return scope.columnsOf(tableOid) ?? []
  const path = scope.columnAt(tableOid, columnNumber)
  return path === undefined ? [] : [path]
}

function covered(masks: readonly ColumnMask[], column: readonly string[]): boolean {
  return masks.some((mask) => mask.covers(column))
}
