import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { noPostgres } from '../test/support/postgres-programs.ts'
import { FULL, measure, QUICK } from './measure.ts'
import { tables } from './table.ts'

const USAGE = `npm run bench -- [--quick] [--json FILE] [--write FILE]

  --quick       a second a cell instead of three, two rounds, fewer rows: for orientation
  --json FILE   the results for programs
  --write FILE  puts the tables into a document, between its bench:begin and bench:end marks
`

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    write: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const BEGIN = '<!-- bench:begin -->'
const END = '<!-- bench:end -->'

async function main(): Promise<void> {
  if (options.help) {
    process.stdout.write(USAGE)
    return
  }
  const missing = noPostgres()
  if (missing !== false) throw new Error(missing)
  // Before minutes are spent on what could not be written.
  if (options.write !== undefined) await replaceBetween(options.write, undefined)
  const started_ms = performance.now()
  const tell = (text: string) => {
    const seconds = Math.round((performance.now() - started_ms) / 1000)
    process.stderr.write(`[${String(seconds).padStart(3)} s] ${text}\n`)
  }
  const results = await measure(options.quick ? QUICK : FULL, tell)
  const text = tables(results)
  process.stdout.write(`${text}\n`)
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify(results, undefined, 2)}\n`)
  }
  if (options.write !== undefined) await replaceBetween(options.write, text)
  tell('done')
}

/** Without a text it only looks whether the marks are there. */
async function replaceBetween(file: string, text: string | undefined): Promise<void> {
  const document = await readFile(file, 'utf8')
  const begin = document.indexOf(BEGIN)
  const end = document.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`${file} has no place for the tables`)
  if (text === undefined) return
  const before = document.slice(0, begin + BEGIN.length)
  await writeFile(file, `${before}\n\n${text}\n\n${document.slice(end)}`)
}

await main()
