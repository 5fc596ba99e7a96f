import { ChaperoneError, invariant } from '../../../core/errors.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import type { MaskPlan } from '../../../mask/plan.ts'
import type { CopyStream } from '../../../sql/classification.ts'
import { createBinaryCopy } from './copy-binary.ts'
import { createCsvCopy } from './copy-csv.ts'
import type { CopyColumns, CopyFormat } from './copy-format.ts'
import { malformedCopy } from './copy-format.ts'
import { createTextCopy } from './copy-text.ts'
import { createValueMasker } from './mask-value.ts'

export interface CopyMaskerOptions {
  readonly stream: CopyStream
  readonly plan: MaskPlan
  /** As CopyOutResponse announces. */
  readonly columnCount: number
  /**
   * Types by position where they are known; COPY itself does not tell them. Without, text is masked
   * as text, and a masked binary value becomes NULL.
   */
  readonly typeOids?: readonly number[]
  readonly keys: MaskKeys
  /** A row that is larger is refused with MESSAGE_TOO_LARGE. */
  readonly rowBytesMax: number
}

/** Masks the data of one COPY to the client. */
export interface CopyMasker {
  /** True if no column is masked or searched: data may be forwarded unread. */
  readonly isPass: boolean
  /** Rows complete up to now. */
  readonly rows: number
  /**
   * Takes what CopyData messages hold, split anywhere, and gives the masked rows that are complete:
   * one CopyData's worth, which may be empty. A message of one row gives one row.
   */
  push(chunk: Buffer): Buffer
  /** Throws TARGET_PROTOCOL if the stream ends within a row. Nothing is left to send. */
  end(): Buffer
  /** The columns whose values were changed up to now. */
  masked(): readonly string[]
}

const NOTHING = Buffer.alloc(0)

export function createCopyMasker(options: CopyMaskerOptions): CopyMasker {
  const { plan, columnCount, rowBytesMax } = options
  const changed = new Uint8Array(columnCount)
  const columns = copyColumns(options, (column) => {
    changed[column] = 1
  })
  const format = createFormat(options.stream, columns)
  /** An incomplete row: `pending[0, pendingBytes)`. It grows by doubling. */
  let pending = NOTHING
  let pendingBytes = 0
  let header: Buffer | undefined
  let rows = 0

  return {
    isPass: columns.maskers.every((masker) => masker === undefined),
    get rows() {
      return rows
    },
    push(chunk) {
      if (pendingBytes === 0) return consume(chunk, false)
      keep(chunk)
      return consume(pending.subarray(0, pendingBytes), true)
    },
    end() {
      if (pendingBytes > 0 || !format.isComplete) throw malformedCopy()
      return NOTHING
    },
    masked: () => labelsOf(plan, columnCount).filter((_, column) => changed[column] === 1),
  }

  /** `isPending`: the bytes will be overwritten, so nothing that is handed out may be a view. */
  function consume(bytes: Buffer, isPending: boolean): Buffer {
    const units: Buffer[] = []
    let start = 0
    while (start < bytes.length) {
      const end = format.unitEnd(bytes, start)
      if (end === undefined) break
      if (end - start > rowBytesMax) throw tooLarge(rowBytesMax)
      takeUnit(format.mask(bytes, start, end), isPending, units)
      start = end
    }
    pendingBytes = 0
    if (bytes.length - start > rowBytesMax) throw tooLarge(rowBytesMax)
    if (start < bytes.length) keep(bytes.subarray(start))
    return units.length === 1 ? units[0]! : Buffer.concat(units)
  }

  function takeUnit(unit: Buffer, isPending: boolean, units: Buffer[]): void {
    const own = isPending ? Buffer.from(unit) : unit
    if (format.isHeader) {
      // Clients look for the first row in the message that brings the header.
      header = Buffer.from(own)
      return
    }
    if (!isTrailer()) rows++
    units.push(header === undefined ? own : Buffer.concat([header, own]))
    header = undefined
  }

  function isTrailer(): boolean {
    return options.stream.format === 'binary' && format.isComplete
  }

  function keep(bytes: Buffer): void {
    const total = pendingBytes + bytes.length
    if (total > pending.length) {
      const larger = Buffer.allocUnsafe(Math.max(total, pending.length * 2))
      pending.copy(larger, 0, 0, pendingBytes)
      pending = larger
    }
    bytes.copy(pending, pendingBytes)
    pendingBytes = total
  }
}

function copyColumns(
  { stream, plan, columnCount, typeOids, keys }: CopyMaskerOptions,
  changed: (column: number) => void,
): CopyColumns {
  const format = stream.format === 'binary' ? 'binary' : 'text'
  const agrees = plan.known && plan.columns.length === columnCount
  const maskers = Array.from({ length: columnCount }, (_, column) =>
    createValueMasker(
      agrees ? plan.columns[column]! : plan.unplanned,
      { typeOid: typeOids?.[column] ?? 0, format },
      keys,
    ),
  )
  return { maskers, changed }
}

function createFormat(stream: CopyStream, columns: CopyColumns): CopyFormat {
  invariant(stream.direction === 'out', 'only COPY to the client is masked')
  if (stream.format === 'binary') return createBinaryCopy(columns)
  invariant(isOneByte(stream.delimiter), 'a COPY delimiter is one byte')
  if (stream.format === 'text') return createTextCopy(stream, columns)
  invariant(isOneByte(stream.quote) && isOneByte(stream.escape), 'COPY quotes are one byte')
  return createCsvCopy(stream, columns)
}

function isOneByte(character: string): boolean {
  return character.length === 1 && character.charCodeAt(0) < 128
}

function labelsOf(plan: MaskPlan, columnCount: number): readonly string[] {
  const isKnown = plan.known && plan.labels.length === columnCount
  return isKnown ? plan.labels : Array.from({ length: columnCount }, (_, i) => `column ${i + 1}`)
}

function tooLarge(rowBytesMax: number): ChaperoneError {
  return new ChaperoneError(
    'MESSAGE_TOO_LARGE',
    `A row is larger than the ${rowBytesMax} bytes that can be masked.`,
    { hint: 'Leave out the large column, or read it in parts.' },
  )
}
