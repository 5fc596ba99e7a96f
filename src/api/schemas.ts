import { z } from '@hono/zod-openapi'
import { errorResponse } from './errors.ts'
import { PAGE_DEFAULT, PAGE_MAX } from './limits.ts'

/** A time as the API writes it: RFC 3339, UTC. */
export const timeSchema = z.iso.datetime().openapi({ example: '2026-11-24T09:00:00.000Z' })

export function time(at_ms: number): string {
  return new Date(at_ms).toISOString()
}

/** For a field that may be absent: `...timeField('endedAt', at_ms)`. */
export function timeField<K extends string>(key: K, at_ms: number | undefined) {
  return (at_ms === undefined ? {} : { [key]: time(at_ms) }) as { [P in K]?: string }
}

/** Ids and names in paths are looked up, never parsed; they only have to be of sane length. */
export const idParam = z.string().min(1).max(200)

export const limitParam = z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT)
export const afterParam = z
  .string()
  .min(1)
  .max(500)
  .optional()
  .openapi({ description: '`next` of the page before.' })

export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().optional() })
}

/** The responses of a route that answers with one JSON form. */
export function answers<T extends z.ZodType>(description: string, schema: T) {
  return {
    200: { description, content: { 'application/json': { schema } } },
    ...errorResponse,
  }
}

export function jsonBody<T extends z.ZodType>(schema: T, required = true) {
  return { required, content: { 'application/json': { schema } } }
}

/** A type whose absent fields are left out, not undefined. */
type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** Drops absent values, so that optional fields stay absent. */
export function present<T extends object>(fields: T): Present<T> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Present<T>
}
