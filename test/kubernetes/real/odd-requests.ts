import { requeried, respelled } from '../../http-bypass/spellings.ts'
import type { Dice } from '../../support/dice.ts'
import type { Discovered } from './discovered.ts'
import { ODD_PATHS, ODD_QUERIES, QUERIED_PATHS, SEGMENTS } from './odd-lines.ts'

/** A request without a body, as it stands on its first line. */
export interface RequestLine {
  readonly method: string
  readonly target: string
  /** It asks for a WebSocket. */
  readonly upgrades: boolean
}

const STREAMED = /\/(exec|attach|portforward)(\?|\/|$)/

const line = (method: string, target: string): RequestLine => ({
  method,
  target,
  upgrades: STREAMED.test(target),
})

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE']

/** Every resource and subresource that the server serves, by every method, with and without a name. */
export function plainRequests(discovered: readonly Discovered[]): RequestLine[] {
  const targets = discovered.flatMap(({ group, version, resource, subresource, namespaced }) => {
    const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
    const places = namespaced ? [root, `${root}/namespaces/prod`] : [root]
    const below = subresource === undefined ? '' : `/${subresource}`
    return places.flatMap((place) => [
      `${place}/${resource}${below}`,
      `${place}/${resource}/x${below}`,
    ])
  })
  return targets.flatMap((target) => METHODS.slice(0, 6).map((method) => line(method, target)))
}

/** Odd ones that were thought of: every path as it is, and every query on what it may speak of. */
export function thoughtOf(): RequestLine[] {
  const bare = ODD_PATHS.flatMap((path) => METHODS.map((method) => line(method, path)))
  const asked = QUERIED_PATHS.flatMap((path) =>
    ODD_QUERIES.flatMap((query) =>
      ['GET', 'DELETE', 'POST'].map((method) => line(method, `${path}?${query}`)),
    ),
  )
  return [...bare, ...asked]
}

/** Another segment more, or instead, or one less, or two for one another. */
function rearranged(path: string, dice: Dice): string {
  const segments = path.split('/').slice(1)
  const at = dice.between(0, segments.length + 1)
  const word = dice.pick(SEGMENTS)
  const changes: readonly (() => void)[] = [
    () => segments.splice(at, 0, word),
    () => segments.splice(at, 1, word),
    () => segments.splice(at, 1),
    () => segments.splice(at, 0, ...segments.splice(at, 2).toReversed()),
  ]
  dice.pick(changes)()
  return `/${segments.join('/')}`
}

/** One of `from` in another spelling, or rearranged, with a query in another spelling. */
export function diced(from: readonly RequestLine[], dice: Dice): RequestLine {
  const { target } = dice.pick(from)
  const [path = '', query = ''] = target.split('?')
  let other = path
  for (let turns = dice.between(0, 3); turns > 0; turns--) other = rearranged(other, dice)
  if (dice.between(0, 2) === 0) other = respelled(other, dice)
  const asked = query === '' && dice.between(0, 2) === 0 ? dice.pick(ODD_QUERIES) : query
  const plain = asked === '' ? '' : `?${asked}`
  const spelled = dice.between(0, 3) === 0 ? requeried(asked, dice) : plain
  return line(dice.pick(METHODS), other + spelled)
}
