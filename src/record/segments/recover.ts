import * as fs from 'node:fs'
import { join } from 'node:path'
import { lineSequence, segmentHeader } from '../lines/envelope.ts'
import { SEGMENT_RECORDS_MAX } from '../lines/limits.ts'
import { liveFolder, liveId, livePath, sealedId, sealedPath } from './layout.ts'
import { readFooter } from './seal.ts'

/** What an earlier run left behind. */
export interface Leftovers {
  /** The last segment of all; null in a new folder. */
  readonly previous: string | null
  readonly nextSequence: number
  /** Live files that nobody writes any more, oldest first. */
  readonly unsealed: readonly string[]
}

/**
 * Reads a records folder before writing goes on. Live files whose sealed form is whole are removed
 * (a crash came between the two); nothing else is changed. The unfinished last line of a crashed
 * write is left out when its segment is sealed.
 */
export function recover(folder: string): Leftovers {
  fs.mkdirSync(liveFolder(folder), { recursive: true, mode: 0o700 })
  const unsealed = listLive(folder).filter((id) => !finished(folder, id))
  let { previous, last } = lastSealed(folder)
  for (const id of unsealed) {
    last = Math.max(last, liveLast(livePath(folder, id)))
    if (previous === null || id > previous) previous = id
  }
  return { previous, nextSequence: last + 1, unsealed }
}

function listLive(folder: string): string[] {
  const ids = fs.readdirSync(liveFolder(folder)).map(liveId)
  return ids.filter((id) => id !== undefined).sort()
}

/** Removes a live file whose records are all elsewhere: sealed already, or none were written. */
function finished(folder: string, id: string): boolean {
  const path = livePath(folder, id)
  const sealed = readFooter(sealedPath(folder, id))?.segment === id
  if (!sealed && fs.readFileSync(path).includes(LINE_FEED)) return false
  fs.rmSync(path)
  return true
}

/**
 * Sequence numbers never come twice, so a segment whose footer cannot be read counts for more
 * records than it can hold.
 */
function lastSealed(folder: string): { previous: string | null; last: number } {
  let previous: string | null = null
  let skipped = 0
  for (const id of newestSealed(folder)) {
    previous ??= id
    const footer = readFooter(sealedPath(folder, id))
    if (footer !== undefined) return { previous, last: footer.lastSequence + skipped }
    skipped += SEGMENT_RECORDS_MAX
  }
  return { previous, last: skipped }
}

/** Folder and file names sort by time, so the newest is the last of the last. */
function* newestSealed(folder: string): Generator<string> {
  for (const year of names(folder, /^\d{4}$/)) {
    for (const month of names(join(folder, year), /^\d{2}$/)) {
      for (const day of names(join(folder, year, month), /^\d{2}$/)) {
        for (const file of names(join(folder, year, month, day), /\.zst$/)) {
          const id = sealedId(file)
          if (id !== undefined) yield id
        }
      }
    }
  }
}

function names(folder: string, pattern: RegExp): string[] {
  return fs
    .readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort()
    .reverse()
}

const LINE_FEED = 0x0a

/** The highest sequence number in a live file, or what its header says came before it. */
function liveLast(path: string): number {
  const bytes = fs.readFileSync(path)
  let end = bytes.lastIndexOf(LINE_FEED)
  while (end > 0) {
    const start = bytes.lastIndexOf(LINE_FEED, end - 1) + 1
    const sequence = lineSequence(bytes.subarray(start, end))
    if (sequence !== undefined) return sequence
    if (start === 0) return headerLast(bytes.subarray(0, end))
    end = start - 1
  }
  return 0
}

function headerLast(line: Buffer): number {
  try {
    return segmentHeader.parse(JSON.parse(line.toString('utf8'))).firstSequence - 1
  } catch {
    return 0
  }
}
