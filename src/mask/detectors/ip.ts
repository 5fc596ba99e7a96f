import { DOT, eachDigitRun, type DigitRun } from './digit-groups.ts'
import { HEX, is, isWord, type Found, type Text } from './text.ts'

const COLON = 0x3a
/** Eight groups of four and seven colons. */
const V6_CHARACTERS_MAX = 39

/** IPv4 in dotted decimals, and IPv6 in any form of RFC 4291 section 2.2. */
export function scanIpAddresses(text: Text, found: Found): void {
  scanV4(text, found)
  scanV6(text, found)
}

function scanV4(text: Text, found: Found): void {
  eachDigitRun(text, DOT, (run) => {
    let group = 0
    while (group + 3 < run.starts.length) {
      if (!isV4(text, run, group)) {
        group++
        continue
      }
      found(run.starts[group]!, run.ends[group + 3]!)
      group += 4
    }
  })
}

function isV4(text: Text, run: DigitRun, first: number): boolean {
  // `v1.2.3.4` is a version.
  if (first === 0 && (text.charCodeAt(run.starts[0]! - 1) | 0x20) === 0x76) return false
  for (let group = first; group < first + 4; group++) {
    const start = run.starts[group]!
    const end = run.ends[group]!
    if (end - start > 3 || Number(text.slice(start, end)) > 255) return false
  }
  return true
}

function scanV6(text: Text, found: Found): void {
  let at = 0
  while (at < text.length) {
    if (!isV6Unit(text.charCodeAt(at))) {
      at++
      continue
    }
    const start = at
    let colons = 0
    for (; isV6Unit(text.charCodeAt(at)); at++) if (text.charCodeAt(at) === COLON) colons++
    if (colons >= 2) reportV6(text, start, at, found)
  }
}

function isV6Unit(unit: number): boolean {
  return unit === COLON || is(unit, HEX)
}

/** `text[start, end)` is a maximal token of hex digits and colons. */
function reportV6(text: Text, start: number, end: number, found: Found): void {
  if (isWord(text.charCodeAt(end))) return
  let from = start
  if (start > 0 && isWord(text.charCodeAt(start - 1))) {
    // `data:2001:db8::1`: the word before ends in hex letters; the address starts behind its colon.
    from = text.indexOf(':', start)
    if (text.charCodeAt(from + 1) === COLON) return
  }
  if (text.charCodeAt(from) === COLON && text.charCodeAt(from + 1) !== COLON) from++
  let to = end
  if (text.charCodeAt(to - 1) === COLON && text.charCodeAt(to - 2) !== COLON) to--
  if (to - from <= V6_CHARACTERS_MAX && isV6(text.slice(from, to))) found(from, to)
}

function isV6(token: string): boolean {
  const halves = token.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  if (!groups.every((group) => group.length >= 1 && group.length <= 4)) return false
  return halves.length === 2 ? groups.length >= 1 && groups.length <= 7 : groups.length === 8
}
