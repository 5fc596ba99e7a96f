import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Gateway } from '../../src/main/gateway.ts'

/** What `/metrics` shows: every series by its name and labels, and the names of all metrics. */
export interface Shown {
  readonly names: readonly string[]
  /** The sum of all series whose text begins so; 0 where there is none. */
  value(start: string): number
  /** The text of the series that begin so. */
  series(start: string): string
}

export async function readMetrics(gateway: Gateway): Promise<Shown> {
  const url = `https://127.0.0.1:${gateway.apiPort}/metrics`
  const asked = request(url, { ca: readFileSync(gateway.authorityFile!), agent: false }).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  const lines = (await text(answer)).split('\n')
  const found = (start: string) => lines.filter((line) => line.startsWith(start))
  return {
    names: lines.flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []),
    value: (start) => found(start).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0),
    series: (start) => found(start).join('\n'),
  }
}
