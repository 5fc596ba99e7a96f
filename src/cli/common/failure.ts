import { CommanderError } from 'commander'
import type { Code } from '../../core/codes.ts'
import type { ChaperoneError } from '../../core/errors.ts'
import { asChaperoneError } from '../../core/errors.ts'
import { safe } from '../../core/safe-text.ts'
import { formatPlace, InvalidDocument } from '../../document/problems.ts'
import type { Io } from './io.ts'
import { json, paint } from './text.ts'

/** What the command says to a script. docs/configuration.md lists them. */
export const EXIT = { ok: 0, refused: 1, usage: 2, unreachable: 3 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const USAGE_CODES: ReadonlySet<Code> = new Set<Code>([
  'CONFIG_INVALID',
  'CONFIG_UNREADABLE',
  'POLICY_INVALID',
  'REQUEST_INVALID',
  'SEARCH_SYNTAX',
])

const UNREACHABLE_CODES: ReadonlySet<Code> = new Set<Code>([
  'API_UNREACHABLE',
  'PROVIDER_UNAVAILABLE',
])

/** The command did its work, has said so, and the result is negative. */
export class NegativeResult extends Error {}

/** Tells what went wrong, and turns it into an exit code. */
export function report(caught: unknown, io: Io, asJson: boolean): ExitCode {
  if (caught instanceof NegativeResult) return EXIT.refused
  if (caught instanceof CommanderError) return caught.exitCode === 0 ? EXIT.ok : EXIT.usage
  const error = asChaperoneError(caught, 'INTERNAL', messageOf(caught))
  if (asJson) io.err.write(json({ error: errorBody(error) }))
  else for (const line of errorLines(error, io.err.colour)) io.err.write(`${line}\n`)
  if (UNREACHABLE_CODES.has(error.code)) return EXIT.unreachable
  return USAGE_CODES.has(error.code) ? EXIT.usage : EXIT.refused
}

function messageOf(caught: unknown): string {
  return caught instanceof Error ? caught.message : 'Something went wrong.'
}

function errorBody(error: ChaperoneError): Readonly<Record<string, unknown>> {
  const { code, message, hint, place } = error
  const problems = error instanceof InvalidDocument ? error.problems : undefined
  return { code, message, hint, place, problems }
}

function errorLines(error: ChaperoneError, colour: boolean): readonly string[] {
  const code = colour ? paint('red', error.code) : error.code
  if (error instanceof InvalidDocument) {
    return [
      `${code}: ${error.problems.length} ${error.problems.length === 1 ? 'problem' : 'problems'}`,
      ...error.problems.flatMap((problem) => [
        `  ${safe(formatPlace(problem.place))}: ${safe(problem.message)}`,
        ...hintLine(problem.hint, '    '),
      ]),
    ]
  }
  const place = error.place === undefined ? '' : formatPlace(error.place)
  return [
    `${code}: ${safe(error.message)}`,
    ...(place === '' ? [] : [`  at: ${safe(place)}`]),
    ...hintLine(error.hint, '  '),
  ]
}

function hintLine(hint: string | undefined, indent: string): readonly string[] {
  return hint === undefined ? [] : [`${indent}hint: ${safe(hint)}`]
}
