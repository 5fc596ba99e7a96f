import { z } from 'zod'
import { shortTime } from './answer.ts'
import { safe, safeLines } from './text.ts'

/** What a line needs of a record (OCSF); everything may be absent, for records of other versions. */
export const eventSchema = z.looseObject({
  time: z.number().optional(),
  activity_name: z.string().optional(),
  class_name: z.string().optional(),
  message: z.string().optional(),
  status: z.string().optional(),
  disposition: z.string().optional(),
  query_info: z.looseObject({ query_string: z.string().optional() }).optional(),
  actor: z
    .looseObject({ user: z.looseObject({ name: z.string().optional() }).optional() })
    .optional(),
})

export type Event = z.output<typeof eventSchema>

/** One event for a terminal: a line, and the statement below it where there is one. */
export function eventLine(event: Event): string {
  const time = event.time === undefined ? '' : shortTime(new Date(event.time).toISOString())
  const words = [
    time,
    event.actor?.user?.name,
    event.activity_name ?? event.class_name,
    event.disposition ?? event.status,
    event.message,
  ]
  const line = words.filter((word) => word !== undefined && word !== '').map((word) => safe(word!))
  const text = event.query_info?.query_string
  return `${line.join('  ')}\n${text === undefined ? '' : indent(text)}`
}

function indent(text: string): string {
  return `${safeLines(text).replaceAll(/^/gm, '    ')}\n`
}
