import { readFileSync } from 'node:fs'

/** A statement and what is expected of it, line by line; see `describe`. */
export interface Case {
  readonly sql: string
  readonly expected: Readonly<Record<string, string>>
}

/** Reads `cases/<name>.txt`: `> statement`, then indented `key: value` lines; `#` begins a heading. */
export function readCases(name: string): readonly Case[] {
  const text = readFileSync(new URL(`cases/${name}.txt`, import.meta.url), 'utf8')
  return text
    .split(/^> ?/m)
    .slice(1)
    .map((block) => {
      const [sql = '', ...lines] = block.split('\n')
      const pairs = lines
        .filter((line) => line.startsWith('  '))
        .map((line): [string, string] => {
          const at = line.indexOf(':')
          return [line.slice(2, at), line.slice(at + 2)]
        })
      return { sql, expected: Object.fromEntries(pairs) }
    })
}
