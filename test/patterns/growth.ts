import { hasTwoWaysAround } from './ambiguity.ts'
import { parsePattern } from './pattern.ts'
import { stepsOf } from './steps.ts'
import { kindsOf, loopsOf } from './texts.ts'

/** Characters of the smaller of two texts; the other one has twice as many. */
const CHARS = 160
/** Of what grows with the text, twice as much is right; of what grows with its square, four times. */
const GROWTH_MAX = 2.8
/** So little for each character is no matter, whatever it grows like. */
const STEPS_PER_CHAR_FREE = 10
const STEPS_MAX = 4_000_000
/** Of the kinds of characters that an expression tells apart, so many are tried as its end. */
const ENDS_MAX = 6

/** Why an expression may take more than its text is worth; undefined: nothing was found. */
export function problemOf(source: string, flags: string): string | undefined {
  const tree = parsePattern(source, flags)
  const kinds = kindsOf(tree)
  if (hasTwoWaysAround(tree, kinds)) return 'one text has two ways around a loop'
  for (const { before, through } of loopsOf(tree, kinds)) {
    const rounds = new Set([
      ...through,
      ...kinds,
      ...before.flatMap((start) => through.map((text) => start + text)),
      ...through.flatMap((one) => through.map((other) => one + other)),
    ])
    rounds.delete('')
    const ends = new Set(['', '\u{1}', '\n', ...kinds.slice(0, ENDS_MAX)])
    for (const start of new Set([...before.slice(0, 2), ''])) {
      for (const round of rounds) {
        for (const end of ends) {
          const text = (chars: number) =>
            start + round.repeat(Math.ceil(chars / round.length)) + end
          const steps = (chars: number) => stepsOf(tree, flags, text(chars), STEPS_MAX)
          const few = steps(CHARS)
          if (few < STEPS_PER_CHAR_FREE * CHARS) continue
          const many = steps(2 * CHARS)
          if (Number.isFinite(many) && many / few <= GROWTH_MAX) continue
          return `${few} steps, and ${many} for twice: ${JSON.stringify([start, round, end])}`
        }
      }
    }
  }
  return undefined
}
