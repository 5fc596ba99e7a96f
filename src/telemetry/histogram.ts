/** A histogram of Prometheus in plain numbers: an observation costs an addition or three. */
export interface Histogram {
  /** Resolves the labels once. */
  series(labels: Readonly<Record<string, string>>): Series
  /** As the text format for exposition, version 0.0.4, with a line feed at its end. */
  text(): string
}

export interface Series {
  observe(value: number): void
}

interface Tally extends Series {
  readonly labels: string
  /** By bucket, not cumulative; the last is for what no bound covers. */
  readonly counts: number[]
  sum: number
}

/** `bounds` are the upper bounds of the buckets, ascending. */
export function createHistogram(name: string, help: string, bounds: readonly number[]): Histogram {
  const tallies = new Map<string, Tally>()
  return {
    series(labels) {
      const key = labelsText(labels)
      const known = tallies.get(key)
      if (known !== undefined) return known
      const fresh = createTally(key, bounds)
      tallies.set(key, fresh)
      return fresh
    },
    text: () =>
      `# HELP ${name} ${help}\n# TYPE ${name} histogram\n` +
      [...tallies.values()].map((tally) => seriesText(name, bounds, tally)).join(''),
  }
}

function createTally(labels: string, bounds: readonly number[]): Tally {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0)
  const tally: Tally = {
    labels,
    counts,
    sum: 0,
    observe(value) {
      let bucket = 0
      while (bucket < bounds.length && !(value <= bounds[bucket]!)) bucket++
      counts[bucket]! += 1
      tally.sum += value
    },
  }
  return tally
}

function seriesText(name: string, bounds: readonly number[], tally: Tally): string {
  const { labels, counts, sum } = tally
  let text = ''
  let count = 0
  for (const [bucket, within] of counts.entries()) {
    count += within
    const bound = bounds[bucket] ?? '+Inf'
    text += `${name}_bucket{${labels === '' ? '' : `${labels},`}le="${bound}"} ${count}\n`
  }
  const braced = labels === '' ? '' : `{${labels}}`
  return `${text}${name}_sum${braced} ${sum}\n${name}_count${braced} ${count}\n`
}

const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' }

function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replaceAll(/[\\"\n]/g, (c) => ESCAPED[c]!)}"`)
    .join(',')
}
