import * as library from 'libpg-query'
import type { Code } from '../../../core/codes.ts'
import type { Denial } from '../../../core/denial.ts'
import { withBaselineCode } from './baseline-code.ts'
import { estimateDepth } from './depth.ts'
import {
  DEPTH_MAX,
  SCAN_LENGTH_MAX,
  SHALLOW_TEXT_LENGTH,
  STATEMENTS_MAX,
  TEXT_BYTES_MAX,
  TOKENS_MAX,
} from './limits.ts'
import { measureText } from './text-depth.ts'
import type { Node } from './tree.ts'

export interface ParserOptions {
  /** UTF-8 bytes. */
  readonly textBytesMax?: number
  readonly depthMax?: number
}

/** One statement of a text. `start` and `length` count UTF-8 bytes; length 0 means to the end. */
export interface RawStatement {
  readonly node: Node
  readonly start: number
  readonly length: number
}

export interface Parsed {
  readonly type: 'parsed'
  readonly statements: readonly RawStatement[]
}

export interface Unparsed {
  readonly type: 'refused'
  readonly denial: Denial
}

export interface Parser {
  parse(text: string): Parsed | Unparsed
  /** Tokens of PostgreSQL's scanner; offsets count UTF-8 bytes. Undefined if the text has none, or is long. */
  scan(text: string): readonly library.ScanToken[] | undefined
}

/** What a parser needs of libpg-query, so that a trap can be replaced by a fresh instance. */
export type ParserLibrary = Pick<typeof library, 'parseSync' | 'scanSync' | 'loadModule'>

const SIMPLER = 'Split the statement, or nest it less.'

/**
 * PostgreSQL's own parser (libpg-query, WebAssembly). `parse` never throws. What could overflow its
 * stack is refused beforehand; should it still trap, its memory cannot be trusted any more, so a
 * fresh instance is loaded and everything is refused until that is ready.
 */
export function createParser(
  first: ParserLibrary,
  renew: () => Promise<ParserLibrary>,
  options: ParserOptions = {},
): Parser {
  const { textBytesMax = TEXT_BYTES_MAX, depthMax = DEPTH_MAX } = options
  let current: ParserLibrary | undefined = first

  function spoiled(): Unparsed {
    current = undefined
    renew().then(
      (fresh) => (current = fresh),
      () => undefined,
    )
    return refused('SQL_UNSUPPORTED', 'The statement is too complex to parse.', SIMPLER)
  }

  function scan(text: string): readonly library.ScanToken[] | undefined {
    if (text.length > SCAN_LENGTH_MAX) return undefined
    try {
      return current?.scanSync(text).tokens
    } catch (error) {
      // The scanner's own complaint arrives as text that is no JSON; anything else is a trap.
      if (!(error instanceof SyntaxError)) spoiled()
      return undefined
    }
  }

  /** A scan takes longer than all the parsing, and mostly the text alone says that it is not too deep. */
  function isTooDeep(text: string, { depth, sure }: ReturnType<typeof measureText>): boolean {
    if (sure && depth <= depthMax) return false
    if (text.length > SCAN_LENGTH_MAX) return true
    const tokens = scan(text)
    return tokens !== undefined && estimateDepth(tokens) > depthMax
  }

  /** Short texts are neither deep nor much. */
  function measure(text: string): Unparsed | undefined {
    if (text.length <= Math.max(SHALLOW_TEXT_LENGTH, depthMax)) return undefined
    const measured = measureText(text)
    if (measured.tokens > TOKENS_MAX) {
      const message = `The statement has more than ${TOKENS_MAX} names, values and signs.`
      return refused('SQL_TOO_LARGE', message, 'Split it, or load data by COPY FROM STDIN.')
    }
    if (!isTooDeep(text, measured)) return undefined
    return refused('SQL_TOO_LARGE', 'The statement nests too deeply to inspect.', SIMPLER)
  }

  return {
    scan,
    parse(text) {
      const objection = inspect(text, textBytesMax) ?? measure(text)
      if (objection !== undefined) return objection
      if (current === undefined) {
        return refused('SQL_UNSUPPORTED', 'The parser is being restarted.', 'Try again.')
      }
      if (text === '') return { type: 'parsed', statements: [] }
      try {
        return parsed(current, text)
      } catch (error) {
        return isSyntaxError(error) ? syntaxRefused(text, error) : spoiled()
      }
    },
  }
}

/** Loads the library and makes the parser of this process. */
export async function loadParser(options: ParserOptions = {}): Promise<Parser> {
  let instances = 1
  const renew = async (): Promise<ParserLibrary> => {
    // A module address of its own gives an instance of its own.
    const address = `libpg-query/wasm/index.js?instance=${++instances}`
    return loaded((await import(address)) as ParserLibrary)
  }
  return createParser(await loaded(library), renew, options)
}

/**
 * V8's optimiser takes over 600 MB and a second of two cores for one function, that of the grammar,
 * and a gateway whose memory rises like that for a moment is ended by whoever watches its container.
 * That function stays as it is, and as few as can be beside it: the scanner runs before.
 */
async function loaded(fresh: ParserLibrary): Promise<ParserLibrary> {
  await fresh.loadModule()
  fresh.scanSync(MANY_TOKENS)
  withBaselineCode(() => fresh.parseSync(NO_STATEMENT))
  return fresh
}

const NO_STATEMENT = ';'
const MANY_TOKENS = `SELECT "a".b, 'b', E'\\n', U&'\\0041', B'1', X'1F', 1, 1.5, 1e5, $1, $$x$$ <= ::int -- x`

function inspect(text: string, textBytesMax: number): Unparsed | undefined {
  if (isLonger(text, textBytesMax)) {
    return refused(
      'SQL_TOO_LARGE',
      `The statement is longer than ${textBytesMax} bytes.`,
      'Split it, or load data by COPY FROM STDIN.',
    )
  }
  if (text.includes('\0') || !text.isWellFormed()) {
    return refused(
      'SQL_ENCODING',
      'The statement is not well-formed UTF-8 text.',
      'Send UTF-8 without zero bytes.',
    )
  }
  return undefined
}

/** Short texts need no counting: UTF-8 has three bytes at most for a UTF-16 code unit. */
function isLonger(text: string, bytesMax: number): boolean {
  return text.length * 3 > bytesMax && Buffer.byteLength(text) > bytesMax
}

function parsed(current: ParserLibrary, text: string): Parsed | Unparsed {
  const statements: RawStatement[] = []
  for (const { stmt, stmt_location = 0, stmt_len = 0 } of current.parseSync(text).stmts ?? []) {
    if (stmt !== undefined) statements.push({ node: stmt, start: stmt_location, length: stmt_len })
  }
  if (statements.length > STATEMENTS_MAX) {
    return refused('SQL_TOO_LARGE', `More than ${STATEMENTS_MAX} statements in one text.`, SIMPLER)
  }
  return { type: 'parsed', statements }
}

interface SyntaxFault {
  readonly message: string
  readonly sqlDetails: { readonly cursorPosition: number }
}

function isSyntaxError(error: unknown): error is SyntaxFault {
  return error instanceof Error && error.name === 'SqlError' && 'sqlDetails' in error
}

/** The parser's message quotes a piece of the statement, so only the place is told. */
function syntaxRefused(text: string, fault: SyntaxFault): Unparsed {
  if (fault.message.startsWith('memory exhausted')) {
    return refused('SQL_TOO_LARGE', 'The statement nests too deeply to inspect.', SIMPLER)
  }
  // Positions count characters (code points) as the server's do.
  const before = Array.from(text).slice(0, fault.sqlDetails.cursorPosition)
  const line = before.filter((character) => character === '\n').length + 1
  const column = before.length - before.lastIndexOf('\n')
  return refused(
    'SQL_SYNTAX',
    `Syntax error at line ${line}, column ${column}.`,
    'Correct the statement; nothing was sent to the target.',
  )
}

function refused(code: Code, message: string, hint: string): Unparsed {
  return { type: 'refused', denial: { code, message, hint } }
}
