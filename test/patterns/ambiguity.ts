import type { Node } from './pattern.ts'

/*
 * Two ways through a loop for one text double the ways with each round: what does not match takes for ever.
 * The places of an expression's characters are the states (Glushkov's automaton); there is such a text where
 * two copies of the automaton can leave one state by different ways and meet there again (Weber and Seidl).
 */

type Char = Extract<Node, { type: 'char' }>

interface Part {
  readonly empty: boolean
  readonly first: readonly number[]
  readonly last: readonly number[]
}

const EMPTY: Part = { empty: true, first: [], last: [] }

/** A character in whose loop there are two ways, with what leads around; undefined: there is none. */
export function hasTwoWaysAround(tree: Node, kinds: readonly string[]): boolean {
  const chars: Char[] = []
  /** How often one place follows another: twice is two ways already. */
  const follows: Map<number, number>[] = []
  build(tree)
  return cyclesOf(follows).some((cycle) => isAmbiguous(cycle))

  function build(node: Node): Part {
    switch (node.type) {
      case 'char': {
        const place = chars.push(node) - 1
        follows.push(new Map())
        return { empty: false, first: [place], last: [place] }
      }
      case 'sequence':
        return node.nodes.map(build).reduce(joined, EMPTY)
      case 'choice': {
        const parts = node.nodes.map(build)
        return {
          empty: parts.some(({ empty }) => empty),
          first: parts.flatMap(({ first }) => first),
          last: parts.flatMap(({ last }) => last),
        }
      }
      case 'repeat': {
        const part = build(node.node)
        if (node.max > 1) joined(part, part)
        return { ...part, empty: part.empty || node.min === 0 }
      }
      case 'capture':
        return build(node.node)
      case 'look':
        build(node.node)
        return EMPTY
      default:
        return EMPTY
    }
  }

  function joined(left: Part, right: Part): Part {
    for (const from of left.last) {
      for (const to of right.first) follows[from]!.set(to, (follows[from]!.get(to) ?? 0) + 1)
    }
    return {
      empty: left.empty && right.empty,
      first: left.empty ? [...left.first, ...right.first] : left.first,
      last: right.empty ? [...left.last, ...right.last] : right.last,
    }
  }

  function isAmbiguous(cycle: ReadonlySet<number>): boolean {
    const around = [...cycle]
    const next = new Map(
      around.map((place) => [place, [...follows[place]!.keys()].filter((to) => cycle.has(to))]),
    )
    if (around.some((place) => next.get(place)!.some((to) => follows[place]!.get(to)! > 1)))
      return true
    const kindsAt = new Map(
      around.map((place) => [place, kinds.map((kind) => chars[place]!.has(kind))]),
    )
    const alike = (a: number, b: number) =>
      a === b || kindsAt.get(a)!.some((has, at) => has && kindsAt.get(b)![at] === true)
    const key = (a: number, b: number) => a * chars.length + b
    /** Pairs of different places that one text leads to from one place. */
    const apart: [number, number][] = []
    const seen = new Set<number>()
    const visit = (a: number, b: number): void => {
      for (const left of next.get(a)!) {
        for (const right of next.get(b)!) {
          if (left === right || !alike(left, right) || seen.has(key(left, right))) continue
          seen.add(key(left, right))
          apart.push([left, right])
        }
      }
    }
    for (const place of around) visit(place, place)
    for (const [a, b] of apart) {
      if (next.get(a)!.some((to) => next.get(b)!.includes(to))) return true
      visit(a, b)
    }
    return false
  }
}

/** The sets of places from each of which each other one can be reached. */
function cyclesOf(follows: readonly ReadonlyMap<number, number>[]): Set<number>[] {
  const reached = follows.map((_, from) => {
    const found = new Set<number>()
    const open = [from]
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      for (const to of follows[place]!.keys()) {
        if (found.has(to)) continue
        found.add(to)
        open.push(to)
      }
    }
    return found
  })
  const cycles: Set<number>[] = []
  const done = new Set<number>()
  for (const place of follows.keys()) {
    if (done.has(place) || !reached[place]!.has(place)) continue
    const cycle = new Set([...reached[place]!].filter((to) => reached[to]!.has(place)))
    for (const one of cycle) done.add(one)
    cycles.push(cycle)
  }
  return cycles
}
