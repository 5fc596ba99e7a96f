import { z } from 'zod'
import { ChaperoneError } from '../../core/errors.ts'

/** Reads an answer of the API; more fields than known are fine, other ones are not. */
export function read<S extends z.ZodType>(schema: S, answer: unknown): z.output<S> {
  const result = schema.safeParse(answer)
  if (result.success) return result.data
  throw new ChaperoneError('API_UNREACHABLE', 'The answer is not what this command expects.', {
    hint: 'Gateway and command line may be of different versions; --json shows the answer as it is.',
  })
}

export function pageOf<S extends z.ZodType>(item: S) {
  return z.object({ items: z.array(item), next: z.string().optional() })
}

/** Told on stderr, so that a pipe gets the page alone. */
export function moreHint(next: string | undefined): string {
  return next === undefined ? '' : `There is more: --after ${next}\n`
}

/** `2026-11-24 09:08:18`: UTC, to the second. */
export function shortTime(time: string | undefined): string | undefined {
  return time?.replace('T', ' ').replace(/(\.\d+)?Z$/, '')
}

/** `env=prod, team=data` */
export function labelText(labels: Readonly<Record<string, string>>): string | undefined {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  return pairs.length === 0 ? undefined : pairs.join(', ')
}

export function segment(text: string): string {
  return encodeURIComponent(text)
}
