import { ChaperoneError } from '../core/errors.ts'

/** A text, number, boolean or null at the end of a path; lists add nothing to the path. */
export interface Leaf {
  readonly path: readonly string[]
  /** Which item of the outermost list it is in; -1 outside of any. */
  readonly item: number
  /** As it stands in the answer: a text with its quotation marks. */
  readonly raw: string
}

/** What to write instead, as JSON; `undefined` keeps it. */
export type LeafEdit = (leaf: Leaf) => string | undefined

/** The same for the name of a field, which its path ends with; what is in it keeps its own path. */
export type NameEdit = (name: string, path: () => readonly string[]) => string | undefined

export interface JsonEditor {
  write(chunk: Buffer): Buffer
  end(): Buffer
}

/** What may stand next in an object or a list; after `first …` it may also end. */
type Next = 'first name' | 'name' | 'colon' | 'first value' | 'value' | 'comma'

interface Scope {
  readonly type: 'object' | 'list'
  next: Next
  name: string
  index: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const MARK = [0xef, 0xbb, 0xbf]
const DEPTH_MAX = 200

/**
 * Goes through JSON as it streams and changes values at its leaves, and names of fields where
 * `editName` is given; all other bytes pass as they are. Throws TARGET_PROTOCOL for what is no JSON, and for a leaf of more than `leafBytesMax` bytes.
 */
export function editJson(edit: LeafEdit, leafBytesMax: number, editName?: NameEdit): JsonEditor {
  const scopes: Scope[] = []
  /** The token that is being read, in the pieces in which it came. */
  let pieces: Buffer[] = []
  let pieceBytes = 0
  let mode: 'between' | 'text' | 'word' = 'between'
  let escaped = false
  /** How much of a byte order mark has come: Resource Manager begins some answers with one. */
  let mark = 0

  function take(piece: Buffer): void {
    pieces.push(piece)
    pieceBytes += piece.length
    if (pieceBytes > leafBytesMax) throw broken('has a value that is too long')
  }

  function finish(): Buffer {
    const token = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
    pieces = []
    pieceBytes = 0
    const scope = scopes.at(-1)
    const raw = token.toString('utf8')
    if (scope?.next === 'name' || scope?.next === 'first name') {
      scope.name = parseText(raw)
      scope.next = 'colon'
      const name = editName?.(scope.name, pathHere)
      return name === undefined ? token : Buffer.from(name)
    }
    if (mode === 'word' && !WORD.test(raw)) throw broken('is no JSON')
    beginValue(scope)
    const path = pathHere()
    const item = scopes.find((one) => one.type === 'list')?.index ?? -1
    const instead = edit({ path, raw, item })
    return instead === undefined ? token : Buffer.from(instead)
  }

  function pathHere(): string[] {
    return scopes.flatMap((one) => (one.type === 'object' ? [one.name] : []))
  }

  function beginValue(scope: Scope | undefined): void {
    if (scope === undefined) return
    if (scope.next !== 'value' && scope.next !== 'first value') throw broken('is no JSON')
    scope.next = 'comma'
  }

  function structure(byte: number): void {
    const scope = scopes.at(-1)
    if (byte === 0x7b || byte === 0x5b) {
      if (scopes.length >= DEPTH_MAX) throw broken('is nested too deeply')
      beginValue(scope)
      scopes.push(
        byte === 0x7b
          ? { type: 'object', next: 'first name', name: '', index: 0 }
          : { type: 'list', next: 'first value', name: '', index: 0 },
      )
    } else if (byte === 0x7d || byte === 0x5d) {
      const closes = byte === 0x7d ? 'object' : 'list'
      const isOver = scope?.next === 'comma' || scope?.next.startsWith('first') === true
      if (scope?.type !== closes || !isOver) throw broken('is no JSON')
      scopes.pop()
    } else if (byte === 0x2c) {
      if (scope?.next !== 'comma') throw broken('is no JSON')
      scope.next = scope.type === 'object' ? 'name' : 'value'
      scope.index += 1
    } else if (byte === 0x3a) {
      if (scope?.next !== 'colon') throw broken('is no JSON')
      scope.next = 'value'
    }
  }

  function write(chunk: Buffer): Buffer {
    const out: Buffer[] = []
    let from = 0
    let at = 0
    while (mark < MARK.length && at < chunk.length) {
      if (chunk[at] !== MARK[mark]) {
        if (mark > 0) throw broken('is no JSON')
        mark = MARK.length
      } else {
        mark++
        at++
      }
    }
    while (at < chunk.length) {
      const byte = chunk[at]!
      if (mode === 'text') {
        const end = endOfText(chunk, at, escaped)
        escaped = end.escaped
        take(chunk.subarray(from, end.at))
        from = at = end.at
        if (!end.done) break
        out.push(finish())
        mode = 'between'
      } else if (mode === 'word' && isWord(byte)) {
        at++
      } else if (mode === 'word') {
        take(chunk.subarray(from, at))
        from = at
        out.push(finish())
        mode = 'between'
      } else if (byte === QUOTE || isWord(byte)) {
        out.push(chunk.subarray(from, at))
        from = at
        mode = byte === QUOTE ? 'text' : 'word'
        if (byte === QUOTE) {
          take(chunk.subarray(at, at + 1))
          from = at + 1
          escaped = false
        }
        at++
      } else {
        if (!isStructure(byte)) throw broken('is no JSON')
        structure(byte)
        at++
      }
    }
    if (mode === 'word') take(chunk.subarray(from, at))
    else if (mode === 'between') out.push(chunk.subarray(from, at))
    return Buffer.concat(out)
  }

  return {
    write,
    end() {
      if (mode === 'text' || scopes.length > 0) throw broken('ends too early')
      const rest = mode === 'word' ? finish() : Buffer.alloc(0)
      mode = 'between'
      return rest
    },
  }
}

function endOfText(chunk: Buffer, from: number, escaped: boolean) {
  let isEscaped = escaped
  for (let at = from; at < chunk.length; at++) {
    const byte = chunk[at]
    if (isEscaped) isEscaped = false
    else if (byte === BACKSLASH) isEscaped = true
    else if (byte === QUOTE) return { at: at + 1, done: true, escaped: false }
  }
  return { at: chunk.length, done: false, escaped: isEscaped }
}

const WORD = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/

/** What numbers, `true`, `false` and `null` are made of. */
function isWord(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x2e ||
    byte === 0x45
  )
}

function isStructure(byte: number): boolean {
  return [0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a, 0x20, 0x09, 0x0a, 0x0d].includes(byte)
}

function parseText(raw: string): string {
  try {
    const value: unknown = JSON.parse(raw)
    if (typeof value === 'string') return value
  } catch {
    // Said below.
  }
  throw broken('is no JSON')
}

function broken(what: string): ChaperoneError {
  return new ChaperoneError('TARGET_PROTOCOL', `The target's answer ${what}.`)
}
