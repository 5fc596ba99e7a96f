import { ChaperoneError } from '../../../core/errors.ts'
import { Gathered } from '../../../wire/gathered.ts'
import { OBJECT_BYTES_MAX } from '../limits.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPENS: ReadonlySet<number> = new Set([0x7b, 0x5b])
const CLOSES: ReadonlySet<number> = new Set([0x7d, 0x5d])
const LIST = 0x5b
const COMMA = 0x2c
const COLON = 0x3a
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])

/** Where the elements are: `items` of a List, `rows` of a Table. */
export type ListField = 'items' | 'rows'

/** All that stands at the top of a List or a Table. */
export const LIST_FIELDS: ReadonlySet<string> = new Set([
  'kind',
  'apiVersion',
  'metadata',
  'columnDefinitions',
  'items',
  'rows',
])

const NO_OBJECT = 'has something else than objects in a list of them'

/** Longest name of a field that is looked at: that of a list is far shorter. */
const NAME_BYTES_MAX = 64

/** What may come next at the top of the document. */
type Expected = 'name' | 'colon' | 'value' | 'rest of a word' | 'end of a field'

/**
 * Passes a document as it comes, and cuts out the elements of its top-level `items` or `rows`: each
 * is collected and replaced by what `edit` makes of it. Memory holds one element. Throws
 * TARGET_PROTOCOL where an element is no object or over OBJECT_BYTES_MAX bytes, the document ends too
 * early or is no object, or it has a field that lists do not have: what stands beside the elements
 * passes unread.
 */
export function createItemSplitter(edit: (item: Buffer, list: ListField) => Buffer) {
  let depth = 0
  let begun = false
  let inText = false
  let escaped = false
  let expected: Expected = 'name'
  /** Bytes of the name at the top level that is being read, or was read last. */
  let name: number[] = []
  let list: ListField | undefined
  let item: Gathered | undefined

  function textByte(byte: number): void {
    if (escaped) escaped = false
    else if (byte === BACKSLASH) escaped = true
    else if (byte === QUOTE) {
      inText = false
      if (depth === 1 && expected === 'name') named()
      return
    }
    if (depth === 1 && expected === 'name' && name.length < NAME_BYTES_MAX) name.push(byte)
  }

  function named(): void {
    expected = 'colon'
    if (!LIST_FIELDS.has(textOf(name))) throw broken('has a field that lists do not have')
  }

  function beginText(): void {
    inText = true
    if (item !== undefined) return
    if (depth === 0) throw broken('is no list')
    if (depth === 2 && list !== undefined) throw broken(NO_OBJECT)
    if (depth === 1 && expected === 'name') name = []
    else if (depth === 1) value()
  }

  function value(): void {
    if (expected !== 'value') throw broken('is no JSON')
    expected = 'end of a field'
  }

  /** True: an element begins. */
  function open(byte: number): boolean {
    if (item !== undefined) return false
    if (depth === 0) {
      if (byte === LIST || begun) throw broken('is no list')
      begun = true
    } else if (depth === 1) {
      value()
      list = listOf(textOf(name))
      if (list !== undefined && byte !== LIST) throw broken(NO_OBJECT)
    } else if (depth === 2 && list !== undefined) {
      if (byte === LIST) throw broken(NO_OBJECT)
      return true
    }
    return false
  }

  function between(byte: number): void {
    if (depth === 0) throw broken('is no list')
    if (depth === 2 && list !== undefined && byte !== COMMA) throw broken(NO_OBJECT)
    if (depth !== 1) return
    if (byte === COLON && expected === 'colon') expected = 'value'
    else if (byte === COMMA && (expected === 'end of a field' || expected === 'rest of a word'))
      expected = 'name'
    else if (isWord(byte) && (expected === 'value' || expected === 'rest of a word'))
      expected = 'rest of a word'
    else throw broken('is no JSON')
  }

  function keep(piece: Buffer): void {
    if (item === undefined) return
    if (item.length + piece.length > OBJECT_BYTES_MAX) {
      throw broken('has an object that is too large to be masked')
    }
    item.add(piece)
  }

  function write(chunk: Buffer): Buffer {
    const out: Buffer[] = []
    let from = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (inText) textByte(byte)
      else if (byte === QUOTE) beginText()
      else if (OPENS.has(byte)) {
        if (open(byte)) {
          out.push(chunk.subarray(from, at))
          from = at
          item = new Gathered(OBJECT_BYTES_MAX)
        }
        depth++
      } else if (CLOSES.has(byte)) {
        depth--
        if (depth < 0) throw broken('is no JSON')
        if (depth !== 2 || item === undefined || list === undefined) continue
        keep(chunk.subarray(from, at + 1))
        from = at + 1
        out.push(edit(item.take(), list))
        item = undefined
      } else if (item === undefined && !BLANKS.has(byte)) between(byte)
    }
    if (item === undefined) out.push(chunk.subarray(from))
    else keep(chunk.subarray(from))
    return Buffer.concat(out)
  }

  return {
    write,
    end(): Buffer {
      if (depth !== 0 || inText) throw broken('ends too early')
      return Buffer.alloc(0)
    },
  }
}

/** Numbers, `true`, `false`, `null`. */
function isWord(byte: number): boolean {
  return /[-+.0-9Ea-z]/.test(String.fromCharCode(byte))
}

function listOf(name: string): ListField | undefined {
  return name === 'items' || name === 'rows' ? name : undefined
}

/** A name may be written with escapes; one that is no JSON is that of no list. */
function textOf(bytes: readonly number[]): string {
  try {
    return JSON.parse(`"${Buffer.from(bytes).toString('utf8')}"`) as string
  } catch {
    return ''
  }
}

export function broken(what: string): ChaperoneError {
  return new ChaperoneError('TARGET_PROTOCOL', `The target's answer ${what}.`)
}
