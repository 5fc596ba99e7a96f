import { z } from 'zod'

/** The version of the segment file format: header, lines, footer, frames. */
export const SEGMENT_FORMAT = 1

/** The first line of every segment. */
export const segmentHeader = z.object({
  chaperone: z.literal('segment'),
  format: z.literal(SEGMENT_FORMAT),
  segment: z.string(),
  /** The segment that was written before this one; null for the first of all. */
  previous: z.string().nullable(),
  firstSequence: z.number().int().positive(),
  openedAt_ms: z.number().int(),
  gateway: z.string(),
})

export type SegmentHeader = z.infer<typeof segmentHeader>

/** The last line of a sealed segment, in a frame of its own. */
export const segmentFooter = z.object({
  chaperone: z.literal('footer'),
  segment: z.string(),
  records: z.number().int().nonnegative(),
  /** The sequence number of the last record; `firstSequence - 1` where there is none. */
  lastSequence: z.number().int().nonnegative(),
  /** Over every byte before this line, header included. */
  sha256: z.string(),
  bytes: z.number().int().nonnegative(),
  /** Bytes of an unfinished last line that a crash left, and that were left out. */
  tornBytes: z.number().int().nonnegative(),
  /** The segment before, with its own footer's hash; `sha256` is null where it is not there. */
  previous: z.object({ segment: z.string(), sha256: z.string().nullable() }).nullable(),
})

export type SegmentFooter = z.infer<typeof segmentFooter>

export function envelopeLine(envelope: SegmentHeader | SegmentFooter): string {
  return `${JSON.stringify(envelope)}\n`
}

/** The start of a record's line, which the journal writes. */
export function recordHead(segment: string, sequence: number): string {
  return `{"metadata":{"uid":"${segment}.${sequence}","sequence":${sequence},`
}

const HEAD = /^\{"metadata":\{"uid":"[0-9a-f-]{36}\.\d{1,16}","sequence":(\d{1,16}),/

/** Longest text that HEAD can match. */
const HEAD_CHARS_MAX = 128

/** The sequence number of a record's line, without parsing it; undefined for any other line. */
export function lineSequence(line: Uint8Array): number | undefined {
  const start = Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, HEAD_CHARS_MAX))
  const match = HEAD.exec(start.toString('latin1'))
  return match === null ? undefined : Number(match[1])
}
