import { ChaperoneError } from '../../../core/errors.ts'
import { MORE_BYTES_MAX } from '../../../mask/byte-maskers.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import { columnPlans, type MaskPlan } from '../../../mask/plan.ts'
import { HEADER_BYTES } from '../messages/frame.ts'
import type { FieldDescription } from '../messages/message.ts'
import { decodeBinary, textEncoding } from './binary-form.ts'
import type { ValueForm, ValueMasker } from './mask-value.ts'
import { createValueMasker } from './mask-value.ts'
import type { RowBuffer } from './row-buffer.ts'

/** Masks the rows of one result as they pass. */
export interface RowMasker {
  /** True if no column is masked or searched: rows may be forwarded unread. */
  readonly isPass: boolean
  /**
   * Appends the DataRow message in `bytes[start, end)` to `out`, masked. After its type and length
   * come the Int16 number of columns, then for each an Int32 length (-1 is NULL) and its bytes.
   * Throws TARGET_PROTOCOL if it is not that, to the byte, with as many columns as were described;
   * nothing is appended then.
   */
  maskDataRow(bytes: Buffer, start: number, end: number, out: RowBuffer): void
  /** The columns whose values were changed up to now, by name. */
  masked(): readonly string[]
  /** A row as text, for records: give it a masked body, so that it is what the agent saw. */
  previewRow(body: Buffer): (string | null)[]
}

const COUNT_BYTES = 2
const LENGTH_BYTES = 4

/** Characters of a value that a preview shows; the rest is told by an ellipsis. */
const PREVIEW_CHARACTERS_MAX = 200

/**
 * `fields` are the columns as described, each with the format that its values really have: a
 * description of a statement says text for all, and Bind decides. Where the names disagree with the
 * plan, all columns are treated as unplanned (see plan.ts).
 */
export function createRowMasker(
  fields: readonly FieldDescription[],
  plan: MaskPlan,
  keys: MaskKeys,
): RowMasker {
  const plans = columnPlans(
    plan,
    fields.map((field) => field.name),
  )
  const maskers = fields.map((field, i) => createValueMasker(plans[i]!, formOf(field), keys))
  const changed = new Uint8Array(fields.length)

  return {
    isPass: maskers.every((masker) => masker === undefined),
    maskDataRow,
    masked: () => fields.filter((_, i) => changed[i] === 1).map((field) => field.name),
    previewRow: (body) => previewRow(body, fields),
  }

  function maskDataRow(bytes: Buffer, start: number, end: number, out: RowBuffer): void {
    const body = start + HEADER_BYTES
    checkCount(bytes, body, end, fields.length)
    out.begin(end - start)
    /** What is not copied yet starts here. */
    let from = body
    let at = body + COUNT_BYTES
    for (let i = 0; i < maskers.length; i++) {
      const length = lengthAt(bytes, at, end)
      const valueStart = at + LENGTH_BYTES
      const valueEnd = length === -1 ? valueStart : valueStart + length
      const masker = maskers[i]
      if (masker !== undefined) {
        const isMasked =
          length === -1
            ? masksNull(masker, bytes, from, at, out)
            : masksValue(masker, bytes, from, at, valueEnd, out)
        if (isMasked) {
          from = valueEnd
          changed[i] = 1
        }
      }
      at = valueEnd
    }
    if (at !== end) throw malformed()
    out.copy(bytes, from, end)
    out.end()
  }
}

/** False: NULL stays as it is, and nothing was written. */
function masksNull(
  { forNull }: ValueMasker,
  bytes: Buffer,
  from: number,
  at: number,
  out: RowBuffer,
): boolean {
  if (forNull === null) return false
  out.copy(bytes, from, at)
  writeValue(out, forNull)
  return true
}

/**
 * Writes what comes before the column whose length stands at `at`, then its masked value. False: the
 * value stays as it is, and nothing was written. What is masked is changed even if it reads the same.
 */
function masksValue(
  masker: ValueMasker,
  bytes: Buffer,
  from: number,
  at: number,
  end: number,
  out: RowBuffer,
): boolean {
  const start = at + LENGTH_BYTES
  if (masker.byBytes !== undefined) {
    const room = end - start + MORE_BYTES_MAX
    out.reserve(at - from + LENGTH_BYTES + room)
    const valueAt = out.at + at - from + LENGTH_BYTES
    const to = masker.byBytes(bytes, start, end, out.bytes, valueAt)
    if (to !== -1) {
      out.copy(bytes, from, at)
      out.setInt32(out.at, to - valueAt)
      out.at = to
      return true
    }
  }
  const piece = masker.mask(bytes, start, end)
  if (piece === undefined) return false
  out.copy(bytes, from, at)
  writeValue(out, piece)
  return true
}

function writeValue(out: RowBuffer, piece: Buffer | null): void {
  if (piece === null) {
    out.int32(-1)
    return
  }
  out.int32(piece.length)
  out.copy(piece, 0, piece.length)
}

function formOf({ typeOid, format }: FieldDescription): ValueForm {
  if (format !== 0 && format !== 1) {
    throw new ChaperoneError('TARGET_PROTOCOL', `A column has the unknown format ${format}.`)
  }
  return { typeOid, format: format === 0 ? 'text' : 'binary' }
}

function checkCount(bytes: Buffer, start: number, end: number, count: number): void {
  if (end - start < COUNT_BYTES) throw malformed()
  if (((bytes[start]! << 8) | bytes[start + 1]!) !== count) throw malformed()
}

/** The length at `at`, once it is certain that so many bytes follow before `end`. */
function lengthAt(bytes: Buffer, at: number, end: number): number {
  if (at + LENGTH_BYTES > end) throw malformed()
  const length =
    (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  if (length < -1 || at + LENGTH_BYTES + length > end) throw malformed()
  return length
}

function previewRow(body: Buffer, fields: readonly FieldDescription[]): (string | null)[] {
  checkCount(body, 0, body.length, fields.length)
  let at = COUNT_BYTES
  const values = fields.map((field) => {
    const length = lengthAt(body, at, body.length)
    at += LENGTH_BYTES + Math.max(length, 0)
    return length === -1 ? null : previewValue(body.subarray(at - length, at), formOf(field))
  })
  if (at !== body.length) throw malformed()
  return values
}

/** Four bytes a character at most, so a long value is cut before it is decoded. */
const PREVIEW_BYTES_MAX = PREVIEW_CHARACTERS_MAX * 4

function previewValue(value: Buffer, { typeOid, format }: ValueForm): string {
  const decoded = format === 'binary' && value.length <= PREVIEW_BYTES_MAX
  const text = decoded ? decodeBinary(typeOid, value) : undefined
  if (text !== undefined) return shortened(text)
  const head = value.subarray(0, PREVIEW_BYTES_MAX)
  return shortened(
    format === 'text' ? head.toString(textEncoding(value)) : `\\x${head.toString('hex')}`,
  )
}

function shortened(text: string): string {
  return text.length > PREVIEW_CHARACTERS_MAX ? `${text.slice(0, PREVIEW_CHARACTERS_MAX)}…` : text
}

function malformed(): ChaperoneError {
  return new ChaperoneError('TARGET_PROTOCOL', 'A row of the target is malformed.')
}
