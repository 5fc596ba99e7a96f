import type { ApiName } from './apis.ts'

/** How a target, or a front door before it, may read a path beyond what RFC 3986 says. */
interface Habits {
  /** Decoded again and again, with Unicode's look-alikes made plain. */
  readonly decodesMuch: boolean
  /** Blanks, dots and path parameters at the ends of parts are cut off. */
  readonly cutsEnds: boolean
  readonly ignoresCase: boolean
}

const AZURE: Habits = { decodesMuch: true, cutsEnds: true, ignoresCase: true }

/** Kubernetes' server takes a path as it is; Azure's services stand behind front doors of many kinds. */
const HABITS: Readonly<Record<ApiName, Habits>> = {
  kubernetes: { decodesMuch: false, cutsEnds: false, ignoresCase: false },
  arm: AZURE,
  graph: AZURE,
  vault: AZURE,
  table: AZURE,
  // Any text is the name of a blob, and none is another's but for dots at its end.
  blob: { decodesMuch: false, cutsEnds: false, ignoresCase: false },
  // Names are in lower case.
  queue: { ...AZURE, ignoresCase: false },
}

/**
 * The most lenient reading of a path and query that any reader with these habits might have: dots and
 * empty parts taken out, parameters in any order. What is the same by it may be the same thing.
 */
export function lenientReading(name: ApiName, target: string): string {
  const habits = HABITS[name]
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const parts: string[] = []
  for (const part of decoded(path, habits).split('/')) {
    const plain = habits.cutsEnds ? withoutEnds(part) : part
    if (part === '..') parts.pop()
    else if (plain !== '' && plain !== '.') parts.push(plain)
  }
  const pairs =
    mark < 0
      ? []
      : target
          .slice(mark + 1)
          .split('&')
          .map(parameter)
  const text = `${parts.join('/')}\n${pairs
    .filter((pair) => pair !== '=')
    .toSorted()
    .join('&')}`
  return habits.ignoresCase ? text.toLowerCase() : text
}

function parameter(pair: string): string {
  const at = pair.indexOf('=')
  const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
  return `${form(name)}=${form(value)}`
}

function form(text: string): string {
  return once(text.replaceAll('+', ' '))
}

function withoutEnds(part: string): string {
  return part
    .replace(/;.*$/s, '')
    .replace(/^\s+/u, '')
    .replace(/[\s.\u200b]+$/u, '')
}

const ROUNDS_MAX = 4

function decoded(text: string, { decodesMuch }: Habits): string {
  if (!decodesMuch) return once(text)
  let now = text
  for (let round = 0; round < ROUNDS_MAX; round++) now = once(now)
  return now.normalize('NFKC').replaceAll('\u017f', 's').replaceAll('\u212a', 'k')
}

function once(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) => {
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex')
    return bytes.toString('utf8').includes('\ufffd') ? bytes.toString('latin1') : bytes.toString()
  })
}
