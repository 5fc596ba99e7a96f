import type { Heard } from './agent.ts'
import { isSeenIn } from './place.ts'
import type { Round } from './rounds.ts'

const CODE = /\b(MASK_UNPROVABLE|TARGET_PROTOCOL|TARGET_LOST|TARGET_AUTH|[A-Z]+_[A-Z_]+)\b/

/** What became of the answers, for people. */
export function createTally() {
  const counts = new Map<string, number>()
  const of = (what: string) => counts.get(what) ?? 0
  const add = (what: string) => void counts.set(what, of(what) + 1)

  function becameOf({ cut, status, body }: Heard): string {
    if (cut) return 'cut short'
    if (isSeenIn(body)) return 'shown'
    const code = CODE.exec(body.toString('latin1'))?.[1]
    if (code !== undefined) return `refused ${code}`
    return status >= 400 ? `refused ${status}` : 'shown empty'
  }

  return {
    note({ place, strange, dressing }: Round, heard: Heard): void {
      const what = becameOf(heard)
      add('all')
      add(what)
      const [area = ''] = place.name.split(' ')
      add(`${area}: all`)
      add(`${area}: ${what}`)
      if (strange !== undefined) add(`spelled strangely: ${what}`)
      if (dressing.coding !== 'plain') add(`coding ${dressing.coding}: ${what}`)
    },
    share: (what: string) => of(what) / of('all'),
    report(): string {
      return Array.from(counts)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([what, count]) => `${what}: ${count}`)
        .join('\n')
    },
  }
}
