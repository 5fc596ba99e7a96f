import { ChaperoneError } from '../../core/errors.ts'
import { OBJECT_BYTES_MAX } from './limits.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPENS: ReadonlySet<number> = new Set([0x7b, 0x5b])
const CLOSES: ReadonlySet<number> = new Set([0x7d, 0x5d])
const LIST = 0x5b

/** Lists whose elements are cut out: `items` of a List, `rows` of a Table. */
const LISTS: ReadonlySet<string> = new Set(['items', 'rows'])

/** Longest name of a field that is looked at: that of a list is far shorter. */
const NAME_BYTES_MAX = 64

/**
 * Passes a document as it comes, and cuts out the elements of its top-level `items` or `rows`: each
 * is collected and replaced by what `edit` makes of it. Memory holds one element. Throws
 * TARGET_PROTOCOL where an element is over OBJECT_BYTES_MAX bytes, or the document ends too early.
 */
export function createItemSplitter(edit: (item: Buffer) => Buffer) {
  let depth = 0
  let inText = false
  let escaped = false
  /** Bytes of the text at the top level that is being read, or was read last. */
  let name: number[] = []
  let inList = false
  let item: Buffer[] | undefined
  let itemBytes = 0

  function textByte(byte: number): void {
    if (escaped) escaped = false
    else if (byte === BACKSLASH) escaped = true
    else if (byte === QUOTE) {
      inText = false
      return
    }
    if (depth === 1 && name.length < NAME_BYTES_MAX) name.push(byte)
  }

  function keep(piece: Buffer): void {
    itemBytes += piece.length
    if (itemBytes > OBJECT_BYTES_MAX) throw broken('has an object that is too large to be masked')
    item?.push(piece)
  }

  function write(chunk: Buffer): Buffer {
    const out: Buffer[] = []
    let from = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (inText) textByte(byte)
      else if (byte === QUOTE) {
        inText = true
        if (depth === 1) name = []
      } else if (OPENS.has(byte)) {
        if (depth === 1) inList = byte === LIST && LISTS.has(textOf(name))
        if (depth === 2 && inList) {
          out.push(chunk.subarray(from, at))
          from = at
          item = []
          itemBytes = 0
        }
        depth++
      } else if (CLOSES.has(byte)) {
        depth--
        if (depth !== 2 || item === undefined) continue
        keep(chunk.subarray(from, at + 1))
        from = at + 1
        out.push(edit(Buffer.concat(item)))
        item = undefined
      }
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
