import type { Answer } from './agent.ts'

/** What became of the queries, as shares, for people. */
export function createTally() {
  const counts = new Map<string, number>()
  const of = (what: string) => counts.get(what) ?? 0
  const add = (what: string) => void counts.set(what, of(what) + 1)

  function noteColumns(agent: string, { rows }: Answer, alike: readonly boolean[]): void {
    for (const [index, isAlike] of alike.entries()) {
      const isMasked = rows.length > 0 && rows.every((row) => looksMasked(row[index]))
      add(`${agent} columns`)
      if (isMasked) add(`${agent} columns masked`)
      if (isMasked && isAlike) add(`${agent} columns masked needlessly`)
    }
  }

  function shareOf(what: string, count: number): string {
    const [who] = what.split(' ')
    const whole = what.includes('columns') ? of(`${who} columns`) : of(`${who} asked`)
    return whole === count ? '' : ` (${((100 * count) / whole).toFixed(1)}%)`
  }

  return {
    of,
    /** What the server says when it is asked directly: the generator is to make queries that run. */
    server({ failed }: Answer): void {
      add('server asked')
      if (failed !== undefined) add(`server failed`)
      if (failed !== undefined) add(`server failed ${failed}`)
    },
    /**
     * `alike`: the server's own answer is the same for both sets of secrets, so that nothing had to
     * be refused; `columnsAlike`: the same for each column, where the answer has the query's own.
     */
    note(agent: string, answer: Answer, alike: boolean, columnsAlike: readonly boolean[]): void {
      add(`${agent} asked`)
      if (answer.failed !== undefined) return add(`${agent} failed`)
      if (answer.refused === undefined) return noteColumns(agent, answer, columnsAlike)
      add(`${agent} refused`)
      add(`${agent} refused ${answer.refused}`)
      if (alike) add(`${agent} refused needlessly`)
    },
    report(): string {
      return Array.from(counts)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([what, count]) => `${what}: ${count}${shareOf(what, count)}`)
        .join('\n')
    },
  }
}

function looksMasked(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value.includes('[redacted]'))
}
