import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { constants, zstdCompressSync } from 'node:zlib'
import { ChaperoneError } from '../../core/errors.ts'
import type { SegmentFooter, SegmentHeader } from '../lines/envelope.ts'
import { envelopeLine, lineSequence, segmentFooter, segmentHeader } from '../lines/envelope.ts'
import { FRAME_BYTES } from '../lines/limits.ts'
import { unpackLastFrame } from './frames.ts'
import { syncFolder } from './io.ts'
import { livePath, sealedFolder, sealedPath } from './layout.ts'

/**
 * Turns a closed live segment into a sealed one: zstd frames of whole lines, then the footer in a
 * frame of its own. Doing it again after a crash gives the same bytes, and the live file goes only
 * once the sealed one is on the disk. Runs in the worker. Throws ChaperoneError RECORD_CORRUPT for a
 * file that has no readable header, and the file system's errors.
 */
export function sealSegment(folder: string, id: string): SegmentFooter {
  const live = livePath(folder, id)
  const source = fs.openSync(live, 'r')
  const target = sealedPath(folder, id)
  const unfinished = `${target}.tmp`
  fs.mkdirSync(sealedFolder(folder, id), { recursive: true, mode: 0o700 })
  try {
    const sink = fs.openSync(unfinished, 'w', 0o600)
    let footer: SegmentFooter
    try {
      footer = compress(folder, source, sink, live)
      fs.fsyncSync(sink)
    } finally {
      fs.closeSync(sink)
    }
    fs.renameSync(unfinished, target)
    syncFolder(sealedFolder(folder, id))
    fs.rmSync(live)
    return footer
  } catch (error) {
    fs.rmSync(unfinished, { force: true })
    throw error
  } finally {
    fs.closeSync(source)
  }
}

function compress(folder: string, source: number, sink: number, live: string): SegmentFooter {
  const hash = createHash('sha256')
  let header: SegmentHeader | undefined
  let lines = 0
  let bytes = 0
  let last: number | undefined
  const tornBytes = eachBlock(source, (block) => {
    header ??= readHeader(block, live)
    hash.update(block)
    bytes += block.length
    lines += countLines(block)
    last = lineSequence(lastLine(block)) ?? last
    writeFrame(sink, block)
  })
  if (header === undefined) throw noHeader(live)
  const footer: SegmentFooter = {
    chaperone: 'footer',
    segment: header.segment,
    records: lines - 1,
    lastSequence: last ?? header.firstSequence - 1,
    sha256: hash.digest('hex'),
    bytes,
    tornBytes,
    previous: previousOf(folder, header),
  }
  writeFrame(sink, Buffer.from(envelopeLine(footer)))
  return footer
}

/**
 * Calls `take` with blocks of whole lines, each of which lasts until it returns; gives how many bytes
 * of an unfinished line are left.
 */
function eachBlock(source: number, take: (block: Buffer) => void): number {
  let chunk = Buffer.allocUnsafe(FRAME_BYTES)
  let filled = 0
  for (;;) {
    if (filled === chunk.length) chunk = Buffer.concat([chunk], 2 * filled)
    const read = fs.readSync(source, chunk, filled, chunk.length - filled, null)
    if (read === 0) return filled
    filled += read
    const end = chunk.lastIndexOf(0x0a, filled - 1) + 1
    if (end === 0) continue
    take(chunk.subarray(0, end))
    chunk.copyWithin(0, end, filled)
    filled -= end
  }
}

function writeFrame(sink: number, bytes: Buffer): void {
  const frame = zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
  for (let done = 0; done < frame.length;) done += fs.writeSync(sink, frame, done)
}

function countLines(block: Buffer): number {
  let count = 0
  for (let at = block.indexOf(0x0a); at !== -1; at = block.indexOf(0x0a, at + 1)) count += 1
  return count
}

/** The last line of a block that ends with a line feed. */
function lastLine(block: Buffer): Buffer {
  return block.subarray(block.lastIndexOf(0x0a, block.length - 2) + 1)
}

function readHeader(block: Buffer, live: string): SegmentHeader {
  try {
    return segmentHeader.parse(JSON.parse(block.toString('utf8', 0, block.indexOf(0x0a))))
  } catch {
    throw noHeader(live)
  }
}

function noHeader(live: string): ChaperoneError {
  return new ChaperoneError('RECORD_CORRUPT', 'The record segment has no readable header.', {
    place: { file: live, line: 1 },
    hint: 'Keep the file as it is; it is left where it was found.',
  })
}

function previousOf(folder: string, header: SegmentHeader): SegmentFooter['previous'] {
  if (header.previous === null) return null
  const footer = readFooter(sealedPath(folder, header.previous))
  return { segment: header.previous, sha256: footer?.sha256 ?? null }
}

/** The footer of a sealed segment; undefined where the file is missing or damaged. */
export function readFooter(path: string): SegmentFooter | undefined {
  try {
    return segmentFooter.parse(
      JSON.parse(lastLine(unpackLastFrame(fs.readFileSync(path))).toString()),
    )
  } catch {
    return undefined
  }
}
