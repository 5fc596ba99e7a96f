import { ATTACKS_BY_NAME } from '../azure/arm/attacks-by-name.ts'
import { ARM_ATTACKS, GRAPH_ATTACKS } from '../azure/arm/attacks.ts'
import { ATTACKS } from '../azure/storage/attacks.ts'
import { PLACES } from '../http-leak/rounds.ts'
import { STRANGE } from '../http-leak/spelling.ts'
import { DESYNC_CASES } from '../http/desync-cases.ts'
import { KUBERNETES_PATHS } from './kubernetes-paths.ts'
import { KUBERNETES_REQUESTS } from './kubernetes-requests.ts'

/** How many cases there are in each area of the HTTP corpus. */
export function counts(): readonly (readonly [area: string, count: number])[] {
  const kubernetes = Object.entries({ ...KUBERNETES_PATHS, ...KUBERNETES_REQUESTS }).map(
    ([area, { cases }]) => [`Kubernetes: ${area}`, cases.length] as const,
  )
  const byName = new Set(ATTACKS_BY_NAME)
  return [
    ['HTTP/1.1: streams that two readers take apart differently', DESYNC_CASES.length],
    ...kubernetes,
    [
      'Resource Manager: paths, methods, bodies, templates, batches, links',
      ARM_ATTACKS.filter((one) => !byName.has(one)).length,
    ],
    ['Resource Manager: stacks, and other names of a thing', ATTACKS_BY_NAME.length],
    ['Graph', GRAPH_ATTACKS.length],
    ['storage, each by path and by host: names, signatures, sources, batches', ATTACKS.length],
    ['answers: places with a masked field', PLACES.length],
    ['answers: forms of JSON that readers disagree about', Object.keys(STRANGE).length],
  ]
}

if (import.meta.main) {
  const all = counts()
  for (const [area, count] of all) process.stdout.write(`${String(count).padStart(5)}  ${area}\n`)
  const total = all.reduce((sum, [, count]) => sum + count, 0)
  process.stdout.write(`${String(total).padStart(5)}  in all\n`)
}
