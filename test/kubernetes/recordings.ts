import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { until } from '../support/until.ts'

export interface RecordsOf {
  records(): Promise<string>
  /** `chaperone --json …` as a person. */
  approver(...words: readonly string[]): Promise<unknown>
}

/** Records of the last operation whose path ends so, once it is over. */
export function recordsOf(bench: RecordsOf, end: string): Promise<string[]> {
  return until(`the end of ${end}`, async () => {
    const lines = (await bench.records()).split('\n')
    const intents = lines.filter(
      (line) => line.includes('"kind":"operation.intent"') && line.includes(end),
    )
    const id = /"operation":"([^"]+)","phase"/.exec(intents.at(-1) ?? '')?.[1] ?? 'none'
    const found = lines.filter((line) => line.includes(`"operation":"${id}"`))
    return found.some((line) => line.includes('"kind":"operation.outcome"')) && found
  })
}

/** The terminal of the operation of which this is the intent, as the CLI writes it (asciicast v3). */
export async function castOf(bench: RecordsOf, intent: string) {
  const [, session = '', operation = ''] =
    /"session":"([^"]+)".*"operation":"([^"]+)","phase"/.exec(intent) ?? []
  const file = join(await mkdtemp(join(tmpdir(), 'chaperone-cast-')), 'terminal.cast')
  await bench.approver('sessions', 'replay', session, '--cast', file, '--operation', operation)
  const [header = {}, ...events] = (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  await rm(dirname(file), { recursive: true })
  return { header: header as Record<string, unknown>, events: events as [number, string, string][] }
}
