import { z } from 'zod'
import { safe, safeLines } from '../../core/safe-text.ts'
import { shortTime } from './answer.ts'

const scalar = z.union([z.string(), z.number(), z.boolean()]).optional().catch(undefined)

/** What a line needs of a record (OCSF); what is absent or of another form is left out. */
export const eventSchema = z.looseObject({
  time: z.number().optional().catch(undefined),
  message: scalar,
  query_info: z.looseObject({ query_string: scalar }).optional().catch(undefined),
  unmapped: z
    .looseObject({
      chaperone: z
        .looseObject({
          kind: scalar,
          phase: scalar,
          type: scalar,
          agent: scalar,
          resource: scalar,
          verdict: scalar,
          result: scalar,
          rows: scalar,
          duration_ms: scalar,
          error: scalar,
          code: scalar,
        })
        .optional(),
    })
    .optional()
    .catch(undefined),
})

export type Event = z.output<typeof eventSchema>

/** One event for a terminal: a line, and the statement below it where there is one. */
export function eventLine(event: Event): string {
  const own = event.unmapped?.chaperone
  const words = [
    event.time === undefined ? undefined : shortTime(new Date(event.time).toISOString()),
    own?.agent,
    own?.resource,
    own?.type ?? own?.kind,
    own?.phase === 'prepare' ? 'prepare' : undefined,
    own?.verdict,
    own?.result,
    named('rows', own?.rows),
    own?.duration_ms === undefined ? undefined : `${own.duration_ms}ms`,
    own?.error,
    own?.code,
    event.message,
  ]
  const line = words.filter((word) => word !== undefined).map((word) => safe(String(word)))
  const text = event.query_info?.query_string
  return `${line.join('  ')}\n${text === undefined ? '' : indent(String(text))}`
}

function named(name: string, value: string | number | boolean | undefined): string | undefined {
  return value === undefined ? undefined : `${name}=${value}`
}

function indent(text: string): string {
  return `${safeLines(text).replaceAll(/^/gm, '    ')}\n`
}
