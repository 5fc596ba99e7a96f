import type { MaskerName, MaskerSpec } from '../core/verdict.ts'

/** From what keeps nothing at all to what may keep the most. */
const STRICTNESS: readonly MaskerName[] = [
  'null',
  'redact',
  'number',
  'hash',
  'date',
  'email',
  'partial',
]

/** Of two maskers on one value, the one that keeps less; two `partial` keep what both would keep. */
export function stricter(a: MaskerSpec, b: MaskerSpec): MaskerSpec {
  if (a.name === 'partial' && b.name === 'partial') {
    return {
      name: 'partial',
      keepStart: Math.min(a.keepStart ?? 0, b.keepStart ?? 0),
      keepEnd: Math.min(a.keepEnd ?? 0, b.keepEnd ?? 0),
    }
  }
  return STRICTNESS.indexOf(b.name) < STRICTNESS.indexOf(a.name) ? b : a
}
