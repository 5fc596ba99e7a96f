import { eachDigitRun, PHONE_SEPARATORS, type DigitRun } from './digit-groups.ts'
import { isWord, type Found, type Text } from './text.ts'

/** E.164: at most 15 digits with the country code; fewer than 8 is a number like any other. */
const INTERNATIONAL_MIN = 8
const INTERNATIONAL_MAX = 15
const NATIONAL_MIN = 9
const NATIONAL_MAX = 12

/**
 * Telephone numbers: international with `+` or `00` (ITU-T E.164), North American as 3-3-4 groups,
 * and national ones with a leading 0 in at least two groups (ITU-T E.123).
 */
export function scanPhones(text: Text, found: Found): void {
  eachDigitRun(text, PHONE_SEPARATORS, (run) => {
    const lead = leadingNumber(text, run)
    let group = 0
    if (lead !== undefined) {
      found(
        text.charCodeAt(run.starts[0]! - 1) === 0x2b ? run.starts[0]! - 1 : run.starts[0]!,
        run.ends[lead]!,
      )
      group = lead + 1
    }
    for (; group + 2 < run.starts.length; group++) {
      if (!isNorthAmerican(text, run, group)) continue
      found(run.starts[hasTrunkOne(text, run, group) ? group - 1 : group]!, run.ends[group + 2]!)
      group += 2
    }
  })
}

/** The last group of an international or trunk-0 number that starts the run. */
function leadingNumber(text: Text, run: DigitRun): number | undefined {
  const start = run.starts[0]!
  if (text.charCodeAt(start - 1) === 0x2b) {
    const inWord = start > 1 && isWord(text.charCodeAt(start - 2))
    if (inWord || text.charCodeAt(start) === 0x30) return undefined
    return longest(run, INTERNATIONAL_MIN, INTERNATIONAL_MAX)
  }
  if (text.charCodeAt(start) !== 0x30) return undefined
  if (text.charCodeAt(start + 1) === 0x30 && text.charCodeAt(start + 2) !== 0x30) {
    return longest(run, INTERNATIONAL_MIN + 2, INTERNATIONAL_MAX + 2)
  }
  const looksNational = run.starts.length > 1 && size(run, 0) >= 2 && size(run, 0) <= 6
  if (!looksNational || isDate(run)) return undefined
  const last = longest(run, NATIONAL_MIN, NATIONAL_MAX)
  return last === 0 ? undefined : last
}

function size(run: DigitRun, group: number): number {
  return run.ends[group]! - run.starts[group]!
}

/** Day, month, year. */
function isDate(run: DigitRun): boolean {
  return run.starts.length >= 3 && size(run, 0) === 2 && size(run, 1) === 2 && size(run, 2) === 4
}

function longest(run: DigitRun, min: number, max: number): number | undefined {
  let digits = 0
  let last: number | undefined
  for (let group = 0; group < run.starts.length; group++) {
    digits += size(run, group)
    if (digits > max) break
    if (digits >= min) last = group
  }
  return last
}

/** NPA-NXX-XXXX: area and exchange start with 2 to 9. */
function isNorthAmerican(text: Text, run: DigitRun, group: number): boolean {
  return (
    size(run, group) === 3 &&
    size(run, group + 1) === 3 &&
    size(run, group + 2) === 4 &&
    text.charCodeAt(run.starts[group]!) >= 0x32 &&
    text.charCodeAt(run.starts[group + 1]!) >= 0x32
  )
}

function hasTrunkOne(text: Text, run: DigitRun, group: number): boolean {
  return group > 0 && size(run, group - 1) === 1 && text.charCodeAt(run.starts[group - 1]!) === 0x31
}
