import type { Denial } from '../../core/denial.ts'
import { TYPED_CHARS_MAX, TYPED_OVERLAP_CHARS } from './limits.ts'

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
 *
 * In a pipe the end may come at any moment, and is an Enter to a shell: what was begun is judged
 * with each piece. A long line is judged part by part, since input may be anything there; in a
 * terminal it is refused.
 */
export function createTypedLines(
  judge: (line: string) => Denial | undefined,
  from: 'terminal' | 'pipe',
): TypedLines {
  let line = ''

  function judged(): Denial | undefined {
    const whole = line.trim()
    return whole === '' ? undefined : judge(whole)
  }

  function key(one: string): Denial | undefined {
    if (ENTER.has(one)) {
      const denial = judged()
      line = ''
      return denial
    }
    if (BACKSPACE.has(one)) line = line.slice(0, -1)
    else if (one === CLEAR_LINE || one === INTERRUPT) line = ''
    else if (line.length < TYPED_CHARS_MAX) line += one
    else if (from === 'terminal') return TOO_LONG
    else {
      const denial = judged()
      line = line.slice(-TYPED_OVERLAP_CHARS) + one
      return denial
    }
    return undefined
  }

  return {
    type(text: string): Denial | undefined {
      for (const one of text.replaceAll(ESCAPES, '')) {
        const denial = key(one)
        if (denial !== undefined) return denial
      }
      return from === 'pipe' ? judged() : undefined
    },
    end: judged,
  }
}

const TOO_LONG: Denial = {
  code: 'REQUEST_UNSUPPORTED',
  message: 'A line that is typed is too long to be judged.',
  hint: 'Send long input as a file, with kubectl cp.',
}
