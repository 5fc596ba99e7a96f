import {
  characterClass,
  commentStarts,
  DIGIT,
  DOLLAR,
  DOUBLE_QUOTE,
  LETTER,
  PUNCTUATION,
  SINGLE_QUOTE,
  skipBlank,
  SPACE,
  wordEnd,
} from './characters.ts'
import { DepthMeter } from './depth.ts'

/** No word that matters to the depth is longer. */
const WORD_LENGTH_MAX = 'intersect'.length

/**
 * As `estimateDepth`, by the text itself: never less, and a hundredth of the work. It reads as many
 * tokens as the scanner does, or more. `sure` is false where it does not (a text without an end to its
 * quotes, an escape string that may go on): the scanner must tell.
 */
export function measureText(text: string): { depth: number; tokens: number; sure: boolean } {
  const meter = new DepthMeter()
  let at = 0
  while (at >= 0 && at < text.length) at = token(text, at, meter)
  return { depth: meter.deepest, tokens: meter.tokens, sure: at >= 0 }
}

/** Where the token, or what is blank, that begins at `at` ends; -1: not sure. */
function token(text: string, at: number, meter: DepthMeter): number {
  switch (characterClass(text.charCodeAt(at))) {
    case SPACE:
      return at + 1
    case LETTER:
      return word(text, at, meter)
    case DIGIT:
      meter.other()
      return digitsEnd(text, at)
    case PUNCTUATION:
      punctuation(text.charCodeAt(at), meter)
      return at + 1
    case SINGLE_QUOTE:
    case DOUBLE_QUOTE:
      meter.other()
      return quotesEnd(text, at)
    case DOLLAR:
      meter.other()
      return dollarEnd(text, at)
    default:
      if (commentStarts(text, at)) return skipBlank(text, at)
      // Of an operator of several characters, each counts.
      meter.other()
      return at + 1
  }
}

function word(text: string, at: number, meter: DepthMeter): number {
  const end = wordEnd(text, at)
  if (end - at > WORD_LENGTH_MAX) meter.other()
  else meter.word(text.slice(at, end).toLowerCase())
  if (text.charCodeAt(end) !== 0x27 || end - at !== 1) return end
  return text.charCodeAt(at) === 0x45 || text.charCodeAt(at) === 0x65 ? escapesEnd(text, end) : end
}

function punctuation(code: number, meter: DepthMeter): void {
  if (code === 0x28 || code === 0x5b) meter.open()
  else if (code === 0x29 || code === 0x5d) meter.close()
  else if (code === 0x2c) meter.separate()
  else if (code === 0x3b) meter.endStatement()
  else meter.other()
}

/** Digits alone: what follows them may be a word (`$1case` is two tokens) or a string in dollars. */
function digitsEnd(text: string, at: number): number {
  let end = at + 1
  while (characterClass(text.charCodeAt(end)) === DIGIT) end++
  return end
}

/** A doubled quote counts as the end of one string and the begin of another. */
function quotesEnd(text: string, at: number): number {
  const close = text.indexOf(text[at]!, at + 1)
  return close < 0 ? -1 : close + 1
}

/** E'…': a backslash takes the next character along. On another line it may go on, as what it is. */
function escapesEnd(text: string, quote: number): number {
  let at = quote + 1
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x5c) at++
    else if (code === 0x27) {
      if (text.charCodeAt(at + 1) !== 0x27) break
      at++
    }
  }
  if (at >= text.length) return -1
  let next = at + 1
  while (text.charCodeAt(next) <= 0x20) next++
  return text.charCodeAt(next) === 0x27 || commentStarts(text, next) ? -1 : at + 1
}

/** $1, or $tag$…$tag$, or a dollar that stands for itself. */
function dollarEnd(text: string, at: number): number {
  TAG.lastIndex = at
  const tag = TAG.exec(text)?.[0]
  if (tag === undefined) return digitsEnd(text, at)
  const close = text.indexOf(tag, at + tag.length)
  return close < 0 ? -1 : close + tag.length
}

const TAG = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y
