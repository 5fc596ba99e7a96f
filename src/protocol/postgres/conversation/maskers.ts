import { ChaperoneError } from '../../../core/errors.ts'
import { isPass } from '../../../mask/plan.ts'
import { masksOf, planFor } from '../judging/mask-plan.ts'
import type { Run } from '../judging/run.ts'
import type { CopyMasker } from '../masking/copy-rows.ts'
import { createCopyMasker } from '../masking/copy-rows.ts'
import type { RowMasker } from '../masking/rows.ts'
import { createRowMasker } from '../masking/rows.ts'
import type { FieldDescription } from '../messages/message.ts'
import type { Conversation } from './conversation.ts'

/** The masker for the result that is coming in; undefined where its rows pass unread. */
export function rowMaskerFor(
  c: Conversation,
  run: Run,
  fields: readonly FieldDescription[] | undefined,
): RowMasker | undefined {
  if (masksOf(run.judgement).length === 0) return undefined
  if (fields === undefined) {
    throw new ChaperoneError('TARGET_PROTOCOL', 'The target sent rows that it had not described.')
  }
  const { epoch, scope } = c.parts.classifier
  const known = c.passes.get(fields)
  const { judgement, index } = run
  if (known?.judgement === judgement && known.index === index && known.epoch === epoch) {
    return undefined
  }
  const plan = planFor(run, fields, [scope, ...run.scopes])
  const masker = isPass(plan) ? undefined : createRowMasker(fields, plan, c.parts.keys)
  if (masker?.isPass === false) return masker
  c.passes.set(fields, { judgement, index, epoch })
  return undefined
}

/** As `rowMaskerFor`, for the stream of a COPY to the client. */
export function copyMaskerFor(c: Conversation, run: Run, columns: number): CopyMasker | undefined {
  const plan = run.judgement.plans[run.index]
  const copy = run.statements[run.index]?.copy
  if (plan === undefined || copy === undefined) {
    throw new ChaperoneError('TARGET_PROTOCOL', 'The target copies what was not asked for.')
  }
  if (isPass(plan)) return undefined
  const masker = createCopyMasker({
    stream: copy,
    plan,
    columnCount: columns,
    keys: c.parts.keys,
    rowBytesMax: c.parts.limits.maskedRowBytesMax,
  })
  return masker.isPass ? undefined : masker
}
