import { REDACTED } from '../../../mask/maskers.ts'
import type { Json } from '../../http/strict-json.ts'
import { eachText } from './body.ts'

const ENCODED = Buffer.from(REDACTED).toString('base64')

/** Whether a body brings back what a mask showed: read, changed elsewhere, and written. */
export function holdsMasks(value: Json): boolean {
  let holds = false
  eachText(value, (text) => {
    holds ||= text === REDACTED || text === ENCODED || text.includes(`"${REDACTED}"`)
  })
  return holds
}
