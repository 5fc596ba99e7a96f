/** Runs every subject in turn, `rounds` times (A B C A B C), so that a busy moment hits all alike. */
export async function interleaved<S, R extends Readonly<Record<string, number>>>(
  subjects: readonly S[],
  rounds: number,
  run: (subject: S) => Promise<R>,
): Promise<R[]> {
  const samples = subjects.map((): R[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, subject] of subjects.entries()) samples[index]!.push(await run(subject))
  }
  return samples.map(medians)
}

/** The median of each number by itself. */
function medians<R extends Readonly<Record<string, number>>>(samples: readonly R[]): R {
  const names = Object.keys(samples[0]!)
  return Object.fromEntries(
    names.map((name) => [name, median(samples.map((sample) => sample[name]!))]),
  ) as R
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** `share` of the values are at most this. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]!
}
