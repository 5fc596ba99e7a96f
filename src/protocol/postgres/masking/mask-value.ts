import type { DetectMask } from '../../../core/verdict.ts'
import type { ByteMasker } from '../../../mask/byte-maskers.ts'
import { createByteMasker } from '../../../mask/byte-maskers.ts'
import { specsByDetector } from '../../../mask/mask-text.ts'
import type { Masker, MaskKeys } from '../../../mask/maskers.ts'
import { createMasker } from '../../../mask/maskers.ts'
import type { ColumnPlan, MaskedColumn } from '../../../mask/plan.ts'
import { createPrefilter } from '../../../mask/prefilter.ts'
import { decodeBinary, encodeBinary, textEncoding } from './binary-form.ts'
import { createBinaryScanner } from './scan-binary.ts'
import type { MaskValue } from './scan-text.ts'
import { createTextScanner } from './scan-text.ts'
import { valueType } from './types.ts'

/** Masks the values of one column. Made once for a result, called for every row. */
export interface ValueMasker {
  /** What stands in for SQL NULL: an unknown or derived column does not tell NULL from a value. */
  readonly forNull: Buffer | null
  readonly mask: MaskValue
  /** Does the same without a string, where it can; asked first. */
  readonly byBytes?: ByteMasker | undefined
}

/** How a column's values are written. */
export interface ValueForm {
  /** 0 where the type is not known. */
  readonly typeOid: number
  readonly format: 'text' | 'binary'
}

/** Undefined: the column's values pass unread. */
export function createValueMasker(
  plan: ColumnPlan,
  form: ValueForm,
  keys: MaskKeys,
): ValueMasker | undefined {
  if (plan === 'pass') return undefined
  return plan.type === 'masked'
    ? createColumnMasker(plan, form, keys)
    : createScanner(plan.detect, form, keys)
}

// Masked columns

function createColumnMasker(plan: MaskedColumn, form: ValueForm, keys: MaskKeys): ValueMasker {
  const { kind } = valueType(form.typeOid)
  const masker = createMasker(plan.with, kind, keys)
  const { name } = plan.with
  if (plan.derived || name === 'redact' || name === 'null' || name === 'number') {
    // These look at no value, so one will do for all.
    const constant = encodeConstant(form, masker(''))
    return { forNull: plan.derived ? constant : null, mask: () => constant }
  }
  if (form.format === 'binary') return { forNull: null, mask: maskBinaryForm(form.typeOid, masker) }
  const byBytes = createByteMasker(plan.with, kind)
  return { forNull: null, mask: maskTextForm(masker), byBytes }
}

function maskTextForm(masker: Masker): MaskValue {
  return (bytes, start, end) => {
    const value = bytes.subarray(start, end)
    const encoding = textEncoding(value)
    const masked = masker(value.toString(encoding))
    return masked === null ? null : Buffer.from(masked, encoding)
  }
}

/** A type whose binary form is not known here has no masked value but NULL. */
function maskBinaryForm(typeOid: number, masker: Masker): MaskValue {
  return (bytes, start, end) => {
    const text = decodeBinary(typeOid, bytes.subarray(start, end))
    const masked = text === undefined ? null : masker(text)
    return masked === null ? null : (encodeBinary(typeOid, masked) ?? null)
  }
}

function encodeConstant(form: ValueForm, text: string | null): Buffer | null {
  if (text === null) return null
  if (form.format === 'text') return Buffer.from(text, 'utf8')
  return encodeBinary(form.typeOid, text) ?? null
}

// Scanned columns

function createScanner(
  masks: readonly DetectMask[],
  form: ValueForm,
  keys: MaskKeys,
): ValueMasker | undefined {
  if (!valueType(form.typeOid).scanned) return undefined
  const prefilter = createPrefilter(specsByDetector(masks).keys())
  const createFor = form.format === 'text' ? createTextScanner : createBinaryScanner
  return { forNull: null, mask: createFor(form.typeOid, { masks, prefilter, keys }) }
}
