import type { SegmentHeader } from '../lines/envelope.ts'
import { envelopeLine } from '../lines/envelope.ts'
import type { RecordIo } from './io.ts'
import { livePath } from './layout.ts'

/** A live segment: an append-only file whose known-good size is kept, so that a failed write leaves no trace. */
export interface Segment {
  readonly id: string
  readonly path: string
  readonly openedAt_ms: number
  readonly size: number
  readonly records: number
  /** Writes all bytes or throws; `retractTo` undoes what a failure left. */
  append(bytes: Uint8Array, length: number, records: number): void
  mark(): Mark
  /** Cuts the file back. Throws where the disk refuses even that. */
  retractTo(mark: Mark): void
  /** False once the file was deleted, renamed or replaced under us. */
  inPlace(): boolean
  sync(done: (error: Error | null) => void): void
  close(): void
}

export interface Mark {
  readonly size: number
  readonly records: number
}

/** Creates the file with its header; leaves nothing behind when that fails. */
export function openSegment(io: RecordIo, folder: string, header: SegmentHeader): Segment {
  const path = livePath(folder, header.segment)
  const file = io.create(path)
  let size = 0
  let records = 0
  const segment: Segment = {
    id: header.segment,
    path,
    openedAt_ms: header.openedAt_ms,
    get size() {
      return size
    },
    get records() {
      return records
    },
    append(bytes, length, count) {
      writeAll(io, file, bytes, length)
      size += length
      records += count
    },
    mark: () => ({ size, records }),
    retractTo(mark) {
      io.truncate(file, mark.size)
      size = mark.size
      records = mark.records
    },
    inPlace: () => io.leadsTo(path, file),
    sync: (done) => io.sync(file, done),
    close: () => io.close(file),
  }
  try {
    const line = Buffer.from(envelopeLine(header))
    segment.append(line, line.length, 0)
  } catch (error) {
    discard(io, segment)
    throw error
  }
  return segment
}

function writeAll(io: RecordIo, file: number, bytes: Uint8Array, length: number): void {
  let done = 0
  while (done < length) {
    const written = io.write(file, bytes, done, length - done)
    if (written <= 0) throw new Error('the file took no bytes')
    done += written
  }
}

function discard(io: RecordIo, segment: Segment): void {
  try {
    segment.close()
    io.remove(segment.path)
  } catch {
    // An empty or torn leftover is sealed like any other at the next start.
  }
}
