import { ratioTo, table, tenth, whole } from './markdown.ts'
import type { Results } from './results.ts'

/** The results as Markdown, which people read as it is. */
export function tables(results: Results): string {
  return [
    about(results),
    ...results.roundTrips.map(
      ({ connections, protocol, peers }) =>
        `### ${protocol === 'simple' ? 'Simple' : 'Prepared'}, ${counted(connections, 'connection')}\n\n` +
        table(
          [
            '',
            'mean µs',
            '× HAProxy',
            'p99 µs',
            'p99 added µs',
            'per second',
            'CPU µs',
            '× HAProxy',
          ],
          peers.map(({ peer, measured }) => [
            peer,
            whole(measured.mean_us),
            ratio(measured, peers, ({ mean_us }) => mean_us),
            whole(measured.p99_us),
            whole(measured.p99_us - peers[0]!.measured.p99_us),
            whole(measured.perSecond),
            tenth(measured.cpu_us),
            ratio(measured, peers, ({ cpu_us }) => cpu_us),
          ]),
        ),
    ),
    `### SELECT of ${results.quick ? '200,000' : 'a million'} rows\n\n` +
      table(
        ['', 'masked column', 'rows/s', 'MB/s', '× HAProxy', 'CPU ms per 1,000 rows'],
        results.streams.map(({ peer, masked, measured }) => [
          peer,
          masked ? 'yes' : 'no',
          whole(measured.rowsPerSecond),
          whole(measured.MBPerSecond),
          ratio(measured, results.streams, ({ rowsPerSecond }) => rowsPerSecond),
          Number.isNaN(measured.cpu_us) ? '–' : (measured.cpu_us / 1000).toFixed(2),
        ]),
      ),
    `### Opening connections\n\n` +
      table(
        ['', 'median ms', '× HAProxy', 'per second', 'CPU µs'],
        results.connecting.map(({ peer, measured }) => [
          peer,
          measured.median_ms.toFixed(2),
          ratio(measured, results.connecting, ({ median_ms }) => median_ms),
          whole(measured.perSecond),
          whole(measured.cpu_us),
        ]),
      ),
    `### The gateway itself\n\n${table(['', ''], gatewayRows(results))}`,
  ].join('\n\n')
}

function about({ measuredAt, machine, node, postgres, quick, missing }: Results): string {
  const left = missing.map((why) => `\n\nLeft out: ${why}.`).join('')
  const kind = quick ? 'a quick run, for orientation only' : 'medians of three interleaved rounds'
  const day = measuredAt.slice(0, 10)
  return `Measured ${day} on ${machine}; Node ${node}, PostgreSQL ${postgres}; ${kind}.${left}`
}

function gatewayRows({ memory, statements }: Results): string[][] {
  const { seen_us, neverSeen_us, shapes } = statements
  return [
    [`memory of an idle session (of ${memory.sessions})`, `${tenth(memory.idle_KiB)} KiB`],
    ['… with TLS on both legs', `${tenth(memory.idleTls_KiB)} KiB`],
    ['memory added at most by three streams', inMiB(memory.streaming.fast_KiB)],
    ['… by one more, whose client stops reading', inMiB(memory.streaming.stopped_KiB)],
    ['… by three with a masked column', inMiB(memory.streamingMasked.fast_KiB)],
    ['… by one more, whose client stops reading', inMiB(memory.streamingMasked.stopped_KiB)],
    ['CPU for a statement seen before', `${tenth(seen_us)} µs`],
    ['CPU for a statement never seen', `${tenth(neverSeen_us)} µs`],
    ...shapes.map(({ agents, policies, ...cost }) => [
      `… seen / never seen, with ${agents} agents and ${policies} policies`,
      `${tenth(cost.seen_us)} / ${tenth(cost.neverSeen_us)} µs`,
    ]),
  ]
}

const ratio = ratioTo('haproxy')

function inMiB(size_KiB: number): string {
  return `${tenth(size_KiB / 1024)} MiB`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
