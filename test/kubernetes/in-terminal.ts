import type { ChildProcessWithoutNullStreams, SpawnOptionsWithoutStdio } from 'node:child_process'
import { spawn } from 'node:child_process'
import { isOnPath } from '../support/postgres-programs.ts'

/** Why there is none, for tests that want one. */
export const noTerminal = !isOnPath('script') && 'script (util-linux) is not installed'

/** Runs a command in a terminal of 100 by 30, by `script` (util-linux). */
export function inTerminal(
  command: readonly string[],
  options: SpawnOptionsWithoutStdio,
): ChildProcessWithoutNullStreams {
  const line = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')
  const words = ['-qefc', `stty cols 100 rows 30; exec ${line}`, '/dev/null']
  return spawn('script', words, options)
}
