import type { OperationStep, Replay } from './replay.ts'

const SIZE = /^(\d{1,4})x(\d{1,4})$/

/** The operations of a replay in which something passed on a terminal; markers alone are none. */
export function terminalsOf({ steps }: Replay): OperationStep[] {
  return steps
    .filter((step) => step.type === 'operation')
    .filter(({ terminal = [] }) => terminal.some(({ stream }) => stream !== 'm'))
}

/**
 * A terminal as asciicast v3 (asciinema's file format): a header, then `[seconds since the event before,
 * code, data]` a line. Any player of the format shows it.
 */
export function asciicast(
  { terminal = [], offset_ms, statement }: OperationStep,
  started_ms: number,
): string {
  const [, cols = '80', rows = '24'] =
    SIZE.exec(terminal.find(({ stream }) => stream === 'r')?.text ?? '') ?? []
  const header = {
    version: 3,
    term: { cols: Number(cols), rows: Number(rows) },
    timestamp: Math.floor((started_ms + offset_ms) / 1000),
    ...(statement === undefined ? {} : { title: statement.split('\n')[0] }),
  }
  let before_ms = offset_ms
  const events = terminal.map((piece) => {
    const seconds = Math.max(0, piece.offset_ms - before_ms) / 1000
    before_ms = Math.max(before_ms, piece.offset_ms)
    return JSON.stringify([seconds, piece.stream, piece.text])
  })
  return `${[JSON.stringify(header), ...events].join('\n')}\n`
}
