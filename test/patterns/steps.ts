import type { Node } from './pattern.ts'

/** More than any text here takes, where an expression is linear. */
class TooMuch extends Error {}

type Go = (at: number) => number

/** How many steps an engine that backtracks takes to look for all matches, or the first, in a text. */
export function stepsOf(tree: Node, flags: string, text: string, stepsMax: number): number {
  const chars = /[uv]/.test(flags) ? Array.from(text) : text.split('')
  const captures: [number, number][] = []
  let steps = 0
  const step = (): void => {
    steps += 1
    if (steps > stepsMax) throw new TooMuch()
  }

  /** Of a match that begins there, where it ends; -1: there is none. */
  function compile(node: Node, next: Go): Go {
    switch (node.type) {
      case 'char':
        return (at) => {
          step()
          return at < chars.length && node.has(chars[at]!) ? next(at + 1) : -1
        }
      case 'sequence':
        return node.nodes.reduceRight((after, one) => compile(one, after), next)
      case 'choice': {
        const ways = node.nodes.map((one) => compile(one, next))
        return (at) => {
          for (const way of ways) {
            const end = way(at)
            if (end >= 0) return end
          }
          return -1
        }
      }
      case 'capture': {
        const inside = compile(node.node, (end) => {
          const before = captures[node.index]
          captures[node.index] = [began.at(-1)!, end]
          const found = next(end)
          if (found < 0 && before !== undefined) captures[node.index] = before
          return found
        })
        const began: number[] = []
        return (at) => {
          began.push(at)
          const found = inside(at)
          began.pop()
          return found
        }
      }
      case 'back':
        return (at) => {
          const [from, to] = captures[node.index] ?? [0, 0]
          for (let n = 0; n < to - from; n++) {
            step()
            if (chars[at + n] !== chars[from + n]) return -1
          }
          return next(at + to - from)
        }
      case 'place':
        return (at) => {
          step()
          return node.holds(text, at) ? next(at) : -1
        }
      case 'look': {
        if (!node.ahead) return behind(node, next)
        const inside = compile(node.node, (end) => end)
        return (at) => {
          step()
          return inside(at) >= 0 === node.negative ? -1 : next(at)
        }
      }
      case 'repeat':
        return node.node.type === 'char' ? run(node.node, node, next) : loop(node, next)
    }
  }

  /** A look behind is of so many characters at least and at most. */
  function behind(node: Extract<Node, { type: 'look' }>, next: Go): Go {
    let until = 0
    const inside = compile(node.node, (end) => (end === until ? end : -1))
    const [least, most] = widthOf(node.node)
    return (at) => {
      until = at
      let found = false
      for (let back = least; back <= Math.min(most, at) && !found; back++)
        found = inside(at - back) >= 0
      return found === node.negative ? -1 : next(at)
    }
  }

  function run(
    { has }: Extract<Node, { type: 'char' }>,
    { min, max, lazy }: Extract<Node, { type: 'repeat' }>,
    next: Go,
  ): Go {
    return (at) => {
      let end = at
      const takes = (): boolean => {
        step()
        return end - at < max && end < chars.length && has(chars[end]!)
      }
      if (lazy) {
        for (;;) {
          if (end - at >= min) {
            const found = next(end)
            if (found >= 0) return found
          }
          if (!takes()) return -1
          end++
        }
      }
      while (takes()) end++
      for (; end - at >= min; end--) {
        step()
        const found = next(end)
        if (found >= 0) return found
      }
      return -1
    }
  }

  function loop({ node, min, max, lazy }: Extract<Node, { type: 'repeat' }>, next: Go): Go {
    let count = 0
    let began = -1
    const inside = compile(node, (end) => {
      // Beyond what must be, an empty round leads nowhere.
      if (end === began && count > min) return -1
      return again(end)
    })
    function once(at: number): number {
      const before = began
      count += 1
      began = at
      const found = inside(at)
      count -= 1
      began = before
      return found
    }
    function again(at: number): number {
      step()
      const [had, start] = [count, began]
      const leave = (): number => {
        count = 0
        began = -1
        const found = next(at)
        count = had
        began = start
        return found
      }
      if (count < min) return once(at)
      if (lazy) {
        const found = leave()
        return found >= 0 || count >= max ? found : once(at)
      }
      const found = count < max ? once(at) : -1
      return found >= 0 ? found : leave()
    }
    return again
  }

  const match = compile(tree, (end) => end)
  try {
    for (let from = 0; from <= chars.length;) {
      const end = match(from)
      if (flags.includes('y') || (end >= 0 && !flags.includes('g'))) break
      from = Math.max(from + 1, end)
    }
  } catch (error) {
    if (error instanceof TooMuch || error instanceof RangeError) return Infinity
    throw error
  }
  return steps
}

function widthOf(node: Node): [least: number, most: number] {
  switch (node.type) {
    case 'char':
      return [1, 1]
    case 'sequence':
      return node.nodes.map(widthOf).reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0])
    case 'choice': {
      const widths = node.nodes.map(widthOf)
      return [
        Math.min(...widths.map(([least]) => least)),
        Math.max(...widths.map(([, most]) => most)),
      ]
    }
    case 'repeat': {
      const [least, most] = widthOf(node.node)
      return [least * node.min, most * node.max]
    }
    case 'capture':
      return widthOf(node.node)
    case 'back':
      return [0, Infinity]
    default:
      return [0, 0]
  }
}
