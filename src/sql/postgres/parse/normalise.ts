import {
  characterClass,
  commentStarts,
  DIGIT,
  DOLLAR,
  DOUBLE_QUOTE,
  isWord,
  LETTER,
  OPERATOR,
  PUNCTUATION,
  quotedEnd,
  SINGLE_QUOTE,
  skipBlank,
  SPACE,
  wordEnd,
} from './characters.ts'

/** Longer texts are rare, and worth the parse that they cost anyway. */
const LENGTH_MAX = 65_536

/** Deeper parentheses are rare too; the bound keeps the lists in one machine word. */
const DEPTH_MAX = 30

/** What stands in a key for a folded literal. U+0001 occurs in no text that gets a key. */
const INTEGER = '\u0001i'
const DECIMAL = '\u0001d'
const STRING = '\u0001s'

/** Integers of more digits may be of another type (bigint, numeric), so they are kept as they are. */
const INTEGER_DIGITS_MAX = 9

/** What came before, as far as it tells whether a literal here may be folded. */
type Before = 'other' | 'comparison' | 'word' | 'list' | 'minus' | 'rowEnd' | 'rowComma' | 'dot'

/**
 * The key under which statements that differ only in harmless literals are the same; undefined
 * when the text must be parsed in full. Equal keys promise equal parse trees, but for the values
 * of constants. Which literals, and why: docs/design/002-statement-cache.md. The lexical rules are
 * PostgreSQL's (scan.l): where this lexer is not sure to read as the server does, it gives up.
 */
export function normalise(text: string): string | undefined {
  if (text.length > LENGTH_MAX) return undefined
  return new Lexer(text).run()
}

/** One pass over one text. A class, because these are the registers of a hot loop. */
class Lexer {
  readonly text: string
  readonly end: number
  at = 0
  /** The key so far, and where the text not yet copied to it begins. */
  key = ''
  copied = 0
  before: Before = 'other'
  wordStart = 0
  wordEnd = 0
  /** Parentheses open now, and one bit for each: is it a list of IN or VALUES? */
  depth = 0
  lists = 0
  rows = 0
  /** A literal that is folded unless the next token shows that it must not be. */
  literalStart = -1
  literalEnd = 0
  placeholder = ''

  constructor(text: string) {
    this.text = text
    this.end = text.length
  }

  run(): string | undefined {
    let first = true
    for (;;) {
      if (!this.skipSpace()) return undefined
      if (this.at >= this.end) break
      const kind = characterClass(this.text.charCodeAt(this.at))
      if (first && !(kind === LETTER && this.startsFoldable())) return undefined
      first = false
      if (this.literalStart >= 0 && !this.settleLiteral()) return undefined
      if (!this.token(kind)) return undefined
    }
    if (first) return undefined
    if (this.literalStart >= 0) this.fold()
    return this.key + this.text.slice(this.copied, this.end)
  }

  /** False: give up. */
  token(kind: number): boolean {
    switch (kind) {
      case LETTER:
        return this.word()
      case DIGIT:
        return this.number()
      case OPERATOR:
        return this.operator()
      case SINGLE_QUOTE:
        return this.string()
      case DOUBLE_QUOTE:
        return this.quotedName()
      case DOLLAR:
        return this.parameter()
      case PUNCTUATION:
        return this.punctuation()
      default:
        return false
    }
  }

  /** White space and comments become one space in the key. False: give up. */
  skipSpace(): boolean {
    const start = this.at
    const end = skipBlank(this.text, start)
    if (end < 0) return false
    this.at = end
    if (end === start || (end === start + 1 && this.text.charCodeAt(start) === 0x20)) return true
    if (this.literalStart < 0) this.copy(start, end, ' ')
    return true
  }

  word(): boolean {
    const dotted = this.before === 'dot'
    this.wordStart = this.at
    this.at = wordEnd(this.text, this.at)
    this.wordEnd = this.at
    // E'…', B'…', X'…', N'…': a string of another kind.
    if (this.text.charCodeAt(this.at) === 0x27) return false
    this.before = dotted ? 'other' : 'word'
    if (this.inList() && this.wordIs(ENDS_LIST)) this.lists &= ~(1 << this.depth)
    return true
  }

  number(): boolean {
    const start = this.at
    this.skipDigits()
    let placeholder = this.at - start <= INTEGER_DIGITS_MAX ? INTEGER : ''
    if (this.text.charCodeAt(this.at) === 0x2e) {
      this.at++
      if (this.skipDigits() === 0) return false
      placeholder = DECIMAL
    }
    // 1e5, 0x1F, 1_000, 5abc, 1.2.3: read in full.
    const next = this.at < this.end ? characterClass(this.text.charCodeAt(this.at)) : SPACE
    if (next === LETTER || next === DOLLAR || this.text.charCodeAt(this.at) === 0x2e) {
      return false
    }
    this.literal(start, placeholder, true)
    return true
  }

  skipDigits(): number {
    const start = this.at
    while (this.at < this.end && characterClass(this.text.charCodeAt(this.at)) === DIGIT) {
      this.at++
    }
    return this.at - start
  }

  string(): boolean {
    const start = this.at
    this.at = quotedEnd(this.text, start)
    if (this.at < 0) return false
    this.literal(start, STRING, false)
    return true
  }

  quotedName(): boolean {
    this.before = 'other'
    this.at = quotedEnd(this.text, this.at)
    return this.at >= 0
  }

  parameter(): boolean {
    this.at++
    if (this.skipDigits() === 0) return false
    const next = this.at < this.end ? characterClass(this.text.charCodeAt(this.at)) : SPACE
    this.before = 'other'
    return next !== LETTER && next !== DOLLAR
  }

  operator(): boolean {
    const start = this.at
    while (this.at < this.end) {
      const code = this.text.charCodeAt(this.at)
      if (characterClass(code) !== OPERATOR || commentStarts(this.text, this.at)) break
      this.at++
    }
    // U&'…' and U&"…"
    const next = this.text.charCodeAt(this.at)
    if (this.text.charCodeAt(this.at - 1) === 0x26 && (next === 0x27 || next === 0x22)) return false
    this.before = this.afterOperator(start)
    return true
  }

  afterOperator(start: number): Before {
    const length = this.at - start
    const first = this.text.charCodeAt(start)
    if (length === 1) {
      if (first === 0x2d) return this.mayFold() ? 'minus' : 'other'
      // `name := value` is an argument of a function.
      if (this.text.charCodeAt(start - 1) === 0x3a) return 'other'
      return first >= 0x3c && first <= 0x3e ? 'comparison' : 'other'
    }
    if (length !== 2) return 'other'
    const second = this.text.charCodeAt(start + 1)
    if (second === 0x3d) {
      return first === 0x3c || first === 0x3e || first === 0x21 ? 'comparison' : 'other'
    }
    return first === 0x3c && second === 0x3e ? 'comparison' : 'other'
  }

  punctuation(): boolean {
    const code = this.text.charCodeAt(this.at)
    this.at++
    if (code === 0x28) return this.open()
    if (code === 0x29) return this.close()
    if (code === 0x2c) {
      this.before = this.before === 'rowEnd' ? 'rowComma' : this.inList() ? 'list' : 'other'
      return true
    }
    if (code === 0x3b) return this.onlySpaceFollows()
    if (code === 0x2e) {
      this.before = 'dot'
      // .5 and 1..2
      const next = this.text.charCodeAt(this.at)
      return next !== 0x2e && !(next >= 0x30 && next <= 0x39)
    }
    this.before = 'other'
    return true
  }

  open(): boolean {
    const rows = this.before === 'rowComma' || (this.before === 'word' && this.wordIs(VALUES))
    const list = rows || (this.before === 'word' && this.wordIs(IN))
    this.depth++
    if (this.depth > DEPTH_MAX) return false
    const bit = 1 << this.depth
    this.lists = list ? this.lists | bit : this.lists & ~bit
    this.rows = rows ? this.rows | bit : this.rows & ~bit
    this.before = list ? 'list' : 'other'
    return true
  }

  close(): boolean {
    if (this.depth === 0) return false
    const bit = 1 << this.depth
    this.before = (this.rows & bit) !== 0 && (this.lists & bit) !== 0 ? 'rowEnd' : 'other'
    this.depth--
    return true
  }

  inList(): boolean {
    return (this.lists & (1 << this.depth)) !== 0 && this.depth > 0
  }

  onlySpaceFollows(): boolean {
    return this.skipSpace() && this.at >= this.end
  }

  literal(start: number, placeholder: string, isNumber: boolean): void {
    const fold = placeholder !== '' && (this.mayFold() || (isNumber && this.before === 'minus'))
    this.before = 'other'
    if (!fold) {
      // Only to see that no other string follows: 'a' newline 'b' is one literal.
      if (isNumber) return
      placeholder = ''
    }
    this.literalStart = start
    this.literalEnd = this.at
    this.placeholder = placeholder
  }

  mayFold(): boolean {
    if (this.before === 'comparison' || this.before === 'list') return true
    return this.before === 'word' && this.wordIs(BEFORE_LITERAL)
  }

  /** The next token is known: fold the literal before it, or leave it. False: give up. */
  settleLiteral(): boolean {
    const code = this.text.charCodeAt(this.at)
    if (code === 0x27) return false
    // A cast may turn the constant into a name: 'secrets'::regclass.
    if (code === 0x3a) this.placeholder = ''
    this.fold()
    return true
  }

  fold(): void {
    if (this.placeholder !== '') {
      this.copy(this.literalStart, this.literalEnd, this.placeholder)
    }
    const gap = this.at > this.literalEnd
    if (gap) this.copy(this.literalEnd, this.at, ' ')
    this.literalStart = -1
  }

  /** Copies what is pending up to `start`, puts `instead` for what is between, and goes on at `end`. */
  copy(start: number, end: number, instead: string): void {
    this.key += this.text.slice(this.copied, start) + instead
    this.copied = end
  }

  startsFoldable(): boolean {
    return isWord(this.text, this.at, wordEnd(this.text, this.at), FIRST)
  }

  wordIs(words: readonly string[]): boolean {
    return isWord(this.text, this.wordStart, this.wordEnd, words)
  }
}

const FIRST = ['select', 'insert', 'update', 'delete', 'with'] as const
const IN = ['in'] as const
const VALUES = ['values'] as const
const BEFORE_LITERAL = ['limit', 'offset', 'between', 'and', 'like', 'ilike'] as const
/** In the parentheses of IN, these show a sub-select, in which ORDER BY a, 2 has position numbers. */
const ENDS_LIST = ['select', 'values', 'table', 'with', 'from', 'order', 'group', 'by'] as const
