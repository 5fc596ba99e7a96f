import type { Denial } from '../../../core/denial.ts'
import { TYPED_CHARS_MAX, TYPED_OVERLAP_CHARS } from '../limits.ts'

/** Return, and what else makes a line editor take the line: Ctrl-O, Ctrl-D. */
const ENTER: ReadonlySet<string> = new Set(['\r', '\n', '\u000f', '\u0004'])
const BACKSPACE: ReadonlySet<string> = new Set(['\u0008', '\u007f'])
/** Ctrl-U, Ctrl-C. */
const CLEAR: ReadonlySet<string> = new Set(['\u0015', '\u0003'])
// oxlint-disable-next-line no-control-regex -- escape sequences are made of them
const ESCAPES = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|O[@-~]|.)/g

export interface TypedLines {
  /** More was typed; a denial is for all of it. */
  type(text: string): Denial | undefined
  /** What was typed goes on, and may be all that ever comes. */
  passes(): Denial | undefined
  /** No more will come: what has no Enter is a line, too. */
  end(): Denial | undefined
}

type Judge = (line: string) => Denial | undefined

/**
 * Follows what is typed into a terminal, key by key, as a line editor would, and asks `judge` about each
 * line before its Enter goes on. What moves the cursor (arrows, completion, history) is not followed:
 * the line is then what was typed, not what the shell will run. A shell without an editor takes
 * escape sequences for text, so a line with some is judged with them, too.
 */
export function createTerminalLines(judge: Judge): TypedLines {
  let line = ''

  function judged(): Denial | undefined {
    const edited = line.replaceAll(ESCAPES, '').trim()
    const literal = line.trim()
    const denial = edited === '' ? undefined : judge(edited)
    return denial ?? (literal === edited ? undefined : judge(literal))
  }

  return {
    type(text: string): Denial | undefined {
      for (const key of text) {
        if (ENTER.has(key)) {
          const denial = judged()
          line = ''
          if (denial !== undefined) return denial
        } else if (BACKSPACE.has(key)) line = line.slice(0, -1)
        else if (CLEAR.has(key)) line = ''
        else if (line.length < TYPED_CHARS_MAX) line += key
        else return TOO_LONG
      }
      return undefined
    },
    passes: () => undefined,
    end: judged,
  }
}

/**
 * Judges lines that come through a pipe, where every byte is what it is. Its end may come at any
 * moment, and is an Enter to a shell: what was begun is judged before it goes on. A long line, since
 * input may be anything, is judged part by part.
 */
export function createPipeLines(judge: Judge): TypedLines {
  let line = ''

  function judged(): Denial | undefined {
    const whole = line.trim()
    return whole === '' ? undefined : judge(whole)
  }

  return {
    type(text: string): Denial | undefined {
      for (const key of text) {
        const ends = key === '\n' || key === '\r'
        if (!ends && line.length < TYPED_CHARS_MAX) {
          line += key
          continue
        }
        const denial = judged()
        if (denial !== undefined) return denial
        line = ends ? '' : line.slice(-TYPED_OVERLAP_CHARS) + key
      }
      return undefined
    },
    passes: judged,
    end: judged,
  }
}

/** For what runs already: whether it has a terminal, nobody here can tell. */
export function createUnknownLines(judge: Judge): TypedLines {
  const [typed, piped] = [createTerminalLines(judge), createPipeLines(judge)]
  return {
    type: (text) => typed.type(text) ?? piped.type(text),
    passes: () => piped.passes(),
    end: () => typed.end() ?? piped.end(),
  }
}

const TOO_LONG: Denial = {
  code: 'REQUEST_UNSUPPORTED',
  message: 'A line that is typed is too long to be judged.',
  hint: 'Send long input as a file, with kubectl cp.',
}
