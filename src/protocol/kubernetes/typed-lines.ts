import type { Denial } from '../../core/denial.ts'
import { TYPED_CHARS_MAX } from './limits.ts'

/** Return, and what else makes a line editor take the line: Ctrl-O, Ctrl-D. */
const ENTER: ReadonlySet<string> = new Set(['\r', '\n', '\u000f', '\u0004'])
const BACKSPACE: ReadonlySet<string> = new Set(['\u0008', '\u007f'])
const CLEAR_LINE = '\u0015'
const INTERRUPT = '\u0003'
// oxlint-disable-next-line no-control-regex -- escape sequences are made of them
const ESCAPES = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|O[@-~]|.)/g

export interface TypedLines {
  /** More was typed; a denial is for all of it. */
  type(text: string): Denial | undefined
  /** No more will come: what has no Enter is a line, too. */
  end(): Denial | undefined
}

/**
 * Follows what is typed, key by key, as a line editor would, and asks `judge` about each line before
 * its Enter goes on. What moves the cursor (arrows, completion, history) is not followed: the line
 * is then what was typed, not what the shell will run.
 */
export function createTypedLines(
  judge: (line: string) => Denial | undefined,
  /** Longer lines pass unjudged: input that is no terminal's may be anything. */
  longPass: boolean,
): TypedLines {
  let line = ''

  function enter(): Denial | undefined {
    const whole = line.trim()
    line = ''
    return whole === '' ? undefined : judge(whole)
  }

  return {
    type(text: string): Denial | undefined {
      for (const key of text.replaceAll(ESCAPES, '')) {
        if (ENTER.has(key)) {
          const denial = enter()
          if (denial !== undefined) return denial
        } else if (BACKSPACE.has(key)) line = line.slice(0, -1)
        else if (key === CLEAR_LINE || key === INTERRUPT) line = ''
        else if (line.length < TYPED_CHARS_MAX) line += key
        else if (!longPass) return TOO_LONG
      }
      return undefined
    },
    end: enter,
  }
}

const TOO_LONG: Denial = {
  code: 'REQUEST_UNSUPPORTED',
  message: 'A line that is typed is too long to be judged.',
  hint: 'Send long input as a file, with kubectl cp.',
}
