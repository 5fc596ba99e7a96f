import type { DetectMask } from '../../../core/verdict.ts'
import type { TextMasker } from '../../../mask/mask-text.ts'
import { createTextMasker } from '../../../mask/mask-text.ts'
import type { MaskKeys } from '../../../mask/maskers.ts'
import { createMasker } from '../../../mask/maskers.ts'
import { stricter } from '../../../mask/strictness.ts'
import { KEY_LINES_MAX } from '../limits.ts'

const MARK = 'PRIVATE KEY-----'
const BEGINS = /-----BEGIN [A-Z0-9 ]*$/
const ENDS = '-----END '
/** `-----BEGIN ENCRYPTED ` is the longest in use, with room. */
const BEGIN_CHARS_MAX = 64

/**
 * A line of a key in PEM, behind a time where one was asked for. A log may begin within a key: its
 * head was not asked for, or is in a file that is gone.
 */
const OF_KEY =
  /^(?:\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) )?(?:[A-Za-z0-9+/]{16,}={0,2}|-----END [A-Z0-9 ]*PRIVATE KEY-----)\r?$/

/** Whether the last mark of a key in a line is that of its beginning, and no end follows it. */
function begins(line: string): boolean {
  const mark = line.lastIndexOf(MARK)
  if (mark < 0 || line.includes(ENDS, mark)) return false
  return BEGINS.test(line.slice(Math.max(0, mark - BEGIN_CHARS_MAX), mark))
}

/**
 * Searches a text line by line, as it comes. Of all that detectors find only private keys have more
 * than one line: the lines after a beginning are masked whole, to the end or as far as a key goes.
 */
export function createLineSearch(masks: readonly DetectMask[], keys: MaskKeys): TextMasker {
  const search = createTextMasker(masks, 'text', keys)
  const ofKeys = masks.filter(({ detectors }) => detectors.includes('private-key'))
  if (ofKeys.length === 0) return search
  const whole = createMasker(ofKeys.map((mask) => mask.with).reduce(stricter), 'text', keys)
  let left = 0
  let isHead = true
  return (line) => {
    if (isHead && OF_KEY.test(line)) return whole(line)
    isHead = false
    if (left > 0) {
      left = line.includes(ENDS) ? 0 : left - 1
      return whole(line)
    }
    if (begins(line)) left = KEY_LINES_MAX
    return search(line)
  }
}
