import type { Code } from '../core/codes.ts'
import type { Place } from '../core/errors.ts'
import { ChaperoneError } from '../core/errors.ts'

/** One thing that is wrong in a file that people write. */
export interface Problem {
  /** What is wrong, without the value itself: it may be a secret that does not belong there. */
  readonly message: string
  readonly hint?: string
  readonly place: Place
}

/** Everything that is wrong at once; place and hint of the error are those of the first problem. */
export class InvalidDocument extends ChaperoneError {
  readonly problems: readonly Problem[]

  constructor(code: Code, what: string, problems: readonly Problem[]) {
    const first = problems[0]
    super(code, `${what}: ${countProblems(problems)}`, {
      ...(first === undefined ? {} : { place: first.place }),
      ...(first?.hint === undefined ? {} : { hint: first.hint }),
    })
    this.problems = problems
  }
}

function countProblems(problems: readonly Problem[]): string {
  const first = problems[0]
  if (first === undefined) return 'not valid'
  const rest = problems.length - 1
  return rest === 0 ? first.message : `${first.message} (and ${rest} more)`
}

/** `chaperone.yaml:12:5: listen.api.tls: message`, as editors and compilers print places. */
export function formatPlace(place: Place): string {
  const numbers = [place.line, place.column].filter((number) => number !== undefined)
  const position = [place.file, ...numbers].filter((part) => part !== undefined).join(':')
  return [position, place.field].filter((part) => part !== undefined && part !== '').join(': ')
}

export function formatProblem(problem: Problem): string {
  const head = `${formatPlace(problem.place)}: ${problem.message}`
  return problem.hint === undefined ? head : `${head}\n  hint: ${problem.hint}`
}

/** `resources[0].tls.mode` */
export function formatField(path: readonly PropertyKey[]): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else text += text === '' ? String(part) : `.${String(part)}`
  }
  return text
}
