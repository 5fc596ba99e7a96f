import { ChaperoneError } from '../../../core/errors.ts'
import { isNumeric } from '../../../mask/kind.ts'
import { createTextMasker } from '../../../mask/mask-text.ts'
import { decodeBinary, encodeBinary } from './binary-form.ts'
import type { BinaryElement } from './containers.ts'
import { readArray, readRecord, writeArray } from './containers.ts'
import type { MaskValue, ScanTools } from './scan-text.ts'
import { createTextScanner } from './scan-text.ts'
import { isBuiltIn, isTextArray, OID, valueType } from './types.ts'

/** Scans values in binary form. What cannot be replaced in part becomes NULL. */
export function createBinaryScanner(typeOid: number, tools: ScanTools): MaskValue {
  const { kind } = valueType(typeOid)
  if (typeOid === OID.jsonb) return createJsonbScanner(tools)
  if (isTextArray(typeOid)) return createTextArrayScanner(tools)
  if (isNumeric(kind)) return createNumberScanner(typeOid, tools)
  if (decodesAsText(typeOid)) return createTextScanner(typeOid, tools)
  const finds = createFinder(tools)
  return (bytes, start, end) =>
    finds({ typeOid, bytes: bytes.subarray(start, end) }, 0) ? null : undefined
}

/** Types whose binary form is their text. */
function decodesAsText(typeOid: number): boolean {
  return typeOid === OID.json || (isBuiltIn(typeOid) && valueType(typeOid).kind === 'text')
}

/** `jsonb` is a version byte and JSON text. */
function createJsonbScanner(tools: ScanTools): MaskValue {
  const scan = createTextScanner(OID.jsonb, tools)
  return (bytes, start, end) => {
    if (bytes[start] !== 1) {
      throw new ChaperoneError('TARGET_PROTOCOL', 'A binary jsonb value has an unknown version.')
    }
    const masked = scan(bytes, start + 1, end)
    return masked ? Buffer.concat([bytes.subarray(start, start + 1), masked]) : masked
  }
}

function createNumberScanner(typeOid: number, tools: ScanTools): MaskValue {
  const masker = createTextMasker(tools.masks, valueType(typeOid).kind, tools.keys)
  return (bytes, start, end) => {
    if (typeOid === OID.int8 && isSmall(bytes, start, end)) return undefined
    const text = decodeBinary(typeOid, bytes.subarray(start, end))
    if (text === undefined) return undefined
    const masked = masker(text)
    if (masked === text) return undefined
    return masked === null ? null : (encodeBinary(typeOid, masked) ?? null)
  }
}

/** 2^32 * 23 has 11 digits, one fewer than a card. */
const HIGH_WORD_SMALL = 23

function isSmall(bytes: Buffer, start: number, end: number): boolean {
  if (end - start !== 8) return false
  const high = bytes.readInt32BE(start)
  return high < HIGH_WORD_SMALL && high >= -HIGH_WORD_SMALL
}

/** Elements are masked one by one, so that the others stay. */
function createTextArrayScanner(tools: ScanTools): MaskValue {
  const scan = createTextScanner(OID.text, tools)
  return (bytes, start, end) => {
    if (!tools.prefilter(bytes, start, end)) return undefined
    const array = readArray(bytes.subarray(start, end))
    if (array === undefined) {
      throw new ChaperoneError('TARGET_PROTOCOL', 'A binary array is malformed.')
    }
    let isChanged = false
    const elements = array.elements.map((element) => {
      const masked =
        element.bytes === null ? undefined : scan(element.bytes, 0, element.bytes.length)
      if (masked === undefined) return element
      isChanged = true
      return { typeOid: element.typeOid, bytes: masked }
    })
    return isChanged ? writeArray({ ...array, elements }) : undefined
  }
}

/** Arrays of records of arrays: deeper than this they are searched as raw bytes only. */
const DEPTH_MAX = 4

/** Tells whether anything is to be found in a value, whatever its type is made of. */
function createFinder(tools: ScanTools): (element: BinaryElement, depth: number) => boolean {
  const rawMasker = createTextMasker(tools.masks, 'other', tools.keys)
  const numberMasker = createTextMasker(tools.masks, 'number', tools.keys)
  return finds

  function finds({ typeOid, bytes }: BinaryElement, depth: number): boolean {
    const type = valueType(typeOid)
    if (bytes === null || !type.scanned) return false
    if (isNumeric(type.kind)) return changes(numberMasker, decodeBinary(typeOid, bytes) ?? '')
    if (typeOid === OID.inet || typeOid === OID.cidr) {
      return changes(rawMasker, decodeBinary(typeOid, bytes) ?? '')
    }
    return foundInBytes(bytes) || (depth < DEPTH_MAX && findsInside(bytes, depth + 1))
  }

  function findsInside(bytes: Buffer, depth: number): boolean {
    const elements = readArray(bytes)?.elements ?? readRecord(bytes) ?? []
    return elements.some((element) => finds(element, depth))
  }

  /** Latin-1 keeps every ASCII character of any text in the bytes. */
  function foundInBytes(bytes: Buffer): boolean {
    return tools.prefilter(bytes, 0, bytes.length) && changes(rawMasker, bytes.toString('latin1'))
  }
}

function changes(masker: (text: string) => string | null, text: string): boolean {
  return masker(text) !== text
}
