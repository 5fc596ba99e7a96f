import { join } from 'node:path'

/*
 * records/
 *   lock                               held by the gateway that writes here
 *   live/<id>.live.jsonl               being written, or left over by a crash
 *   2026/11/24/<id>.jsonl.zst          sealed
 *
 * Segment ids are UUIDs of version 7, each greater than the one before, and a sealed segment's
 * folder is its id's own day in UTC: sorting paths sorts records.
 */

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/
const LIVE_END = '.live.jsonl'
const SEALED_END = '.jsonl.zst'

export function lockPath(folder: string): string {
  return join(folder, 'lock')
}

export function liveFolder(folder: string): string {
  return join(folder, 'live')
}

export function livePath(folder: string, id: string): string {
  return join(folder, 'live', `${id}${LIVE_END}`)
}

export function sealedFolder(folder: string, id: string): string {
  const day = new Date(segmentTime_ms(id)).toISOString().slice(0, 10)
  return join(folder, ...day.split('-'))
}

export function sealedPath(folder: string, id: string): string {
  return join(sealedFolder(folder, id), `${id}${SEALED_END}`)
}

/** The segment id in a live file's name; undefined for any other file. */
export function liveId(fileName: string): string | undefined {
  return idBefore(fileName, LIVE_END)
}

export function sealedId(fileName: string): string | undefined {
  return idBefore(fileName, SEALED_END)
}

function idBefore(fileName: string, end: string): string | undefined {
  if (!fileName.endsWith(end)) return undefined
  const id = fileName.slice(0, -end.length)
  return ID.test(id) ? id : undefined
}

/** When the segment was opened, in milliseconds since the epoch (RFC 9562 section 5.7). */
export function segmentTime_ms(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

/** True if `text` is a UUID of version 7, whose time may be read. */
export function isTimedId(text: string): boolean {
  return ID.test(text)
}
