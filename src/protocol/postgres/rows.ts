import { ChaperoneError } from '../../core/errors.ts'
import type { MaskKeys } from '../../mask/maskers.ts'
import { columnPlans, type MaskPlan } from '../../mask/plan.ts'
import { BACKEND, HEADER_BYTES } from './frame.ts'
import type { FieldDescription } from './message.ts'
import type { ValueForm, ValueMasker } from './value-mask.ts'
import { createValueMasker } from './value-mask.ts'
import { decodeBinary, textEncoding } from './values.ts'

/** Masks the rows of one result as they pass. */
export interface RowMasker {
  /** True if no column is masked or searched: rows may be forwarded unread. */
  readonly isPass: boolean
  /**
   * A whole DataRow message, masked. `body` is what follows type and length: Int16 number of
   * columns, then for each an Int32 length (-1 is NULL) and its bytes. Throws TARGET_PROTOCOL if the
   * body is not that, to the byte, with as many columns as were described.
   */
  maskDataRow(body: Buffer): Buffer
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
  // Of the row at hand: which bytes are cut out, and what stands in for them. Reused for each row.
  const cutStarts: number[] = []
  const cutEnds: number[] = []
  const pieces: (Buffer | null)[] = []

  return {
    isPass: maskers.every((masker) => masker === undefined),
    maskDataRow,
    masked: () => fields.filter((_, i) => changed[i] === 1).map((field) => field.name),
    previewRow: (body) => previewRow(body, fields),
  }

  function maskDataRow(body: Buffer): Buffer {
    checkCount(body, fields.length)
    let cuts = 0
    let growth = 0
    let at = COUNT_BYTES
    for (let i = 0; i < maskers.length; i++) {
      const length = lengthAt(body, at)
      const start = at + LENGTH_BYTES
      const end = length === -1 ? start : start + length
      const piece = replacement(maskers[i], body, start, end, length)
      if (piece !== undefined) {
        cutStarts[cuts] = at
        cutEnds[cuts] = end
        pieces[cuts] = piece
        cuts++
        growth += (piece === null ? 0 : piece.length) - (end - start)
        changed[i] = 1
      }
      at = end
    }
    if (at !== body.length) throw malformed()
    return assemble(body, cuts, growth)
  }

  function assemble(body: Buffer, cuts: number, growth: number): Buffer {
    const out = Buffer.allocUnsafe(HEADER_BYTES + body.length + growth)
    out[0] = BACKEND.DataRow
    out.writeInt32BE(out.length - 1, 1)
    let from = 0
    let to = HEADER_BYTES
    for (let i = 0; i < cuts; i++) {
      to += body.copy(out, to, from, cutStarts[i])
      to = writeValue(out, to, pieces[i]!)
      from = cutEnds[i]!
    }
    body.copy(out, to, from)
    return out
  }
}

/** Undefined where the value stays; a value that is masked is changed even if it reads the same. */
function replacement(
  masker: ValueMasker | undefined,
  body: Buffer,
  start: number,
  end: number,
  length: number,
): Buffer | null | undefined {
  if (masker === undefined) return undefined
  return length === -1 ? (masker.forNull ?? undefined) : masker.mask(body, start, end)
}

function writeValue(out: Buffer, at: number, piece: Buffer | null): number {
  if (piece === null) return out.writeInt32BE(-1, at)
  const start = out.writeInt32BE(piece.length, at)
  return start + piece.copy(out, start)
}

function formOf({ typeOid, format }: FieldDescription): ValueForm {
  if (format !== 0 && format !== 1) {
    throw new ChaperoneError('TARGET_PROTOCOL', `A column has the unknown format ${format}.`)
  }
  return { typeOid, format: format === 0 ? 'text' : 'binary' }
}

function checkCount(body: Buffer, count: number): void {
  if (body.length < COUNT_BYTES || body.readUInt16BE(0) !== count) throw malformed()
}

/** The length at `at`, once it is certain that so many bytes follow. */
function lengthAt(body: Buffer, at: number): number {
  if (at + LENGTH_BYTES > body.length) throw malformed()
  const length = body.readInt32BE(at)
  if (length < -1 || at + LENGTH_BYTES + length > body.length) throw malformed()
  return length
}

function previewRow(body: Buffer, fields: readonly FieldDescription[]): (string | null)[] {
  checkCount(body, fields.length)
  let at = COUNT_BYTES
  const values = fields.map((field) => {
    const length = lengthAt(body, at)
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
