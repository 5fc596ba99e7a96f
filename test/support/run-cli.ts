import { run } from '../../src/cli/program.ts'
import { systemClock } from '../../src/core/clock.ts'

/** What `chaperone --json WORDS` writes; rejects with all that it said where it fails. */
export async function runCli(
  words: readonly string[],
  environment: Record<string, string>,
  folder: string,
): Promise<string> {
  let out = ''
  let err = ''
  const code = await run(['--json', ...words], {
    out: { write: (line) => void (out += line), colour: false },
    err: { write: (line) => void (err += line), colour: false },
    environment,
    folder,
    clock: systemClock,
    readInput: () => Promise.resolve(''),
    ask: undefined,
    sleep: () => Promise.resolve(),
  })
  if (code !== 0) throw new Error(`chaperone ${words.join(' ')} (${code}): ${out}${err}`)
  return out
}
