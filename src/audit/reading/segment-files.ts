import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ChaperoneError } from '../../core/errors.ts'
import { unpackParts } from '../../record/segments/frames.ts'
import { liveFolder, liveId, livePath, sealedId, sealedPath } from '../../record/segments/layout.ts'
import { SEGMENT_READ_BYTES_MAX } from './limits.ts'
import { salvage } from './salvage.ts'

/** A segment's lines, header and footer included. */
export interface SegmentBytes {
  /** Each of whole lines: one piece of so many bytes would take this thread too long to put together. */
  readonly parts: readonly Buffer[]
  /** Relative to the records folder. */
  readonly file: string
  readonly sealed: boolean
  /** Only a part could be read: `parts` lack lines from this one on, and may go on behind them. */
  readonly brokenAtLine?: number
}

const LINE_FEED = 0x0a

/** The ids of all segments, sealed or live, oldest first. An absent folder has none. */
export async function listSegments(folder: string): Promise<string[]> {
  const ids = new Set<string>()
  for (const name of await names(liveFolder(folder))) add(ids, liveId(name))
  for (const year of await names(folder, /^\d{4}$/)) {
    for (const month of await names(join(folder, year), /^\d{2}$/)) {
      for (const day of await names(join(folder, year, month), /^\d{2}$/)) {
        for (const name of await names(join(folder, year, month, day))) add(ids, sealedId(name))
      }
    }
  }
  return [...ids].sort()
}

function add(ids: Set<string>, id: string | undefined): void {
  if (id !== undefined) ids.add(id)
}

async function names(folder: string, pattern = /./): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => pattern.test(name))
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/**
 * Reads one segment whole. A live file that is sealed meanwhile is read from its new place; one that
 * is nowhere any more is undefined. Throws ChaperoneError RECORD_CORRUPT for a file that is too
 * large, and the file system's errors.
 */
export async function readSegment(folder: string, id: string): Promise<SegmentBytes | undefined> {
  return (
    (await readSealed(folder, id)) ??
    (await readLive(folder, id)) ??
    // Sealed between the two looks.
    (await readSealed(folder, id))
  )
}

async function readSealed(folder: string, id: string): Promise<SegmentBytes | undefined> {
  const path = sealedPath(folder, id)
  const packed = await readWhole(path, fileName(folder, path))
  if (packed === undefined) return undefined
  const file = fileName(folder, path)
  try {
    const parts = await unpackParts(packed, SEGMENT_READ_BYTES_MAX)
    return { parts, file, sealed: true }
  } catch {
    return { ...(await salvage(packed)), file, sealed: true }
  }
}

/** What is there now; the writer may be in the middle of a line, which is left out. */
async function readLive(folder: string, id: string): Promise<SegmentBytes | undefined> {
  const path = livePath(folder, id)
  const file = fileName(folder, path)
  const whole = await readWhole(path, file)
  if (whole === undefined) return undefined
  return { parts: [whole.subarray(0, whole.lastIndexOf(LINE_FEED) + 1)], file, sealed: false }
}

async function readWhole(path: string, file: string): Promise<Buffer | undefined> {
  try {
    const { size } = await stat(path)
    if (size > SEGMENT_READ_BYTES_MAX) throw tooLarge(file)
    return await readFile(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function tooLarge(file: string): ChaperoneError {
  return new ChaperoneError('RECORD_CORRUPT', 'The record segment is larger than any can be.', {
    place: { file },
    hint: 'Keep the file as it is, and find out who wrote it.',
  })
}

function fileName(folder: string, path: string): string {
  return path.slice(folder.length).replace(/^\/+/, '')
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
