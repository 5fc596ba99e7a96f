import { isUtf8 } from 'node:buffer'
import type { Bind } from './message.ts'

/** Parameter values as records and approvers see them: text as it is, binary as `\x` hex. */
export function parameterTexts(bind: Bind): (string | null)[] {
  return bind.parameters.map((value, index) => {
    if (value === null) return null
    const text = formatOf(bind.parameterFormats, index) === 0 && isUtf8(value)
    return text ? value.toString('utf8') : `\\x${value.toString('hex')}`
  })
}

/** "The number of format codes can be zero (all text), one (for all), or the actual number." */
export function formatOf(formats: readonly number[], index: number): number {
  if (formats.length === 0) return 0
  return formats.length === 1 ? formats[0]! : (formats[index] ?? 0)
}
