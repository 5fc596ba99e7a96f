import type { DetectMask } from '../../../core/verdict.ts'
import type { Kind } from '../../../mask/kind.ts'
import { isNumeric } from '../../../mask/kind.ts'
import { createTextMasker } from '../../../mask/mask-text.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import type { Prefilter } from '../../../mask/prefilter.ts'
import { textEncoding } from './binary-form.ts'
import { holdsParts, valueType } from './types.ts'

/**
 * Masks the value `bytes[start, end)`. Undefined: it stays as it is. Null: SQL NULL.
 */
export type MaskValue = (bytes: Buffer, start: number, end: number) => Buffer | null | undefined

export interface ScanTools {
  readonly masks: readonly DetectMask[]
  readonly prefilter: Prefilter
  readonly keys: MaskKeys
}

/** Scans values in text form. A text that cannot hold a masked part becomes NULL. */
export function createTextScanner(typeOid: number, tools: ScanTools): MaskValue {
  const { kind } = valueType(typeOid)
  const scanned: Kind = holdsParts(typeOid) ? 'text' : kind
  const masker = createTextMasker(tools.masks, scanned, tools.keys)
  if (kind === 'bytes') return createByteaScanner(masker)
  const isWorthwhile = isNumeric(kind) ? mayBeLongNumber : tools.prefilter
  return (bytes, start, end) => {
    if (!isWorthwhile(bytes, start, end)) return undefined
    const value = bytes.subarray(start, end)
    const encoding = textEncoding(value)
    const text = value.toString(encoding)
    const masked = masker(text)
    if (masked === text) return undefined
    return masked === null ? null : Buffer.from(masked, encoding)
  }
}

/** No card has fewer digits than 12; only an exponent can stand for digits that are not written. */
const NUMBER_BYTES_MIN = 12
const EXPONENT = 0x65

function mayBeLongNumber(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= NUMBER_BYTES_MIN || bytes.subarray(start, end).includes(EXPONENT)
}

/** `bytea` as text is hex, or octal escapes; what the bytes spell is scanned. */
function createByteaScanner(masker: (text: string) => string | null): MaskValue {
  return (bytes, start, end) => {
    const text = bytes.toString('latin1', start, end)
    const spelled = text.startsWith('\\x')
      ? Buffer.from(text.slice(2), 'hex').toString('latin1')
      : text.replaceAll(/\\(?:([0-7]{3})|\\)/g, (_, octal: string | undefined) =>
          octal === undefined ? '\\' : String.fromCharCode(Number.parseInt(octal, 8)),
        )
    return masker(spelled) === spelled ? undefined : null
  }
}
