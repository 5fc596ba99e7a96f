import { ratioTo, table, tenth, whole } from '../markdown.ts'
import type { HttpResults } from './measure.ts'

const ratio = ratioTo('nginx')

/** The results as Markdown, which people read as it is. */
export function httpTables(results: HttpResults): string {
  const { measuredAt, machine, node, quick, requests, downloads } = results
  const kind = quick ? 'a quick run, for orientation only' : 'medians of three interleaved rounds'
  return [
    `Measured ${measuredAt.slice(0, 10)} on ${machine}; Node ${node}; ${kind}.`,
    ...requests.map(
      ({ connections, peers }) =>
        `### Small requests, ${connections} connection${connections === 1 ? '' : 's'}\n\n${table(
          ['', 'per second', '× nginx', 'mean µs', 'p99 µs', 'CPU µs', '× nginx'],
          peers.map(({ peer, measured }) => [
            peer,
            whole(measured.perSecond),
            ratio(measured, peers, ({ perSecond }) => perSecond),
            whole(measured.mean_us),
            whole(measured.p99_us),
            tenth(measured.cpu_us),
            ratio(measured, peers, ({ cpu_us }) => cpu_us),
          ]),
        )}`,
    ),
    `### One blob of ${Math.round(downloads.bytes / 2 ** 20)} MiB\n\n${table(
      ['', 'MB/s', '× nginx', 'CPU µs per MB', '× nginx'],
      downloads.peers.map(({ peer, measured }) => [
        peer,
        whole(measured.MBPerSecond),
        ratio(measured, downloads.peers, ({ MBPerSecond }) => MBPerSecond),
        whole(measured.cpu_us),
        ratio(measured, downloads.peers, ({ cpu_us }) => cpu_us),
      ]),
    )}`,
  ].join('\n\n')
}
