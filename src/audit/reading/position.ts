import { ChaperoneError } from '../../core/errors.ts'
import { isTimedId } from '../../record/segments/layout.ts'

/** A place in the records: before or at the record with this number in this segment. */
export interface Position {
  readonly segment: string
  readonly sequence: number
}

/** The written form, which is a record's own `metadata.uid`. */
export function formatPosition({ segment, sequence }: Position): string {
  return `${segment}.${sequence}`
}

/** Reads a cursor. Throws ChaperoneError REQUEST_INVALID. */
export function parsePosition(text: string): Position {
  const [, segment, digits] = /^([^.]{36})\.(\d{1,16})$/.exec(text) ?? []
  const sequence = Number(digits)
  if (segment !== undefined && isTimedId(segment) && Number.isSafeInteger(sequence)) {
    return { segment, sequence }
  }
  throw new ChaperoneError('REQUEST_INVALID', 'The mark to read on from is not valid.', {
    hint: 'Give `next` of the page before back as `after`, unchanged.',
  })
}
