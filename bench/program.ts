import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'

/** A bench as a command. */
export interface BenchProgram<R> {
  readonly command: string
  /** What `--quick` does, for the usage. */
  readonly quick: string
  /** Names the marks between which a document has its tables: `<!-- bench:begin -->`. */
  readonly mark: string
  measure(isQuick: boolean, tell: (text: string) => void): Promise<R>
  tables(results: R): string
}

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  json: { type: 'string' },
  write: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

/** Measures, prints, and writes where that is asked for. Progress goes to stderr. */
export async function bench<R>(program: BenchProgram<R>): Promise<void> {
  const { values: options } = parseArgs({ options: OPTIONS })
  if (options.help) {
    process.stdout.write(usage(program))
    return
  }
  // Before minutes are spent on what could not be written.
  if (options.write !== undefined) await replaceBetween(program.mark, options.write, undefined)
  const started_ms = performance.now()
  const tell = (text: string) => {
    const seconds = Math.round((performance.now() - started_ms) / 1000)
    process.stderr.write(`[${String(seconds).padStart(3)} s] ${text}\n`)
  }
  const results = await program.measure(options.quick, tell)
  const text = program.tables(results)
  process.stdout.write(`${text}\n`)
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify(results, undefined, 2)}\n`)
  }
  if (options.write !== undefined) await replaceBetween(program.mark, options.write, text)
  tell('done')
}

function usage<R>({ command, quick, mark }: BenchProgram<R>): string {
  return `${command} [--quick] [--json FILE] [--write FILE]

  --quick       ${quick}
  --json FILE   the results for programs
  --write FILE  puts the tables into a document, between its ${mark}:begin and ${mark}:end marks
`
}

/** Without a text it only looks whether the marks are there. */
async function replaceBetween(mark: string, file: string, text: string | undefined): Promise<void> {
  const document = await readFile(file, 'utf8')
  const opening = `<!-- ${mark}:begin -->`
  const begin = document.indexOf(opening)
  const end = document.indexOf(`<!-- ${mark}:end -->`)
  if (begin < 0 || end < begin) throw new Error(`${file} has no place for the tables`)
  if (text === undefined) return
  const before = document.slice(0, begin + opening.length)
  await writeFile(file, `${before}\n\n${text}\n\n${document.slice(end)}`)
}
