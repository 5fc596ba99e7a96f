import { ChaperoneError } from '../../../../core/errors.ts'
import type { DetectMask, DetectorName, MaskerSpec } from '../../../../core/verdict.ts'
import { detect } from '../../../../mask/detectors/detectors.ts'
import { UNESCAPE_LEVELS_MAX } from '../../../../mask/limits.ts'
import { specsByDetector } from '../../../../mask/mask-text.ts'
import type { MaskKeys } from '../../../../mask/maskers.ts'
import { createMasker } from '../../../../mask/maskers.ts'
import { unescape } from '../../../../mask/unescape.ts'
import { Gathered } from '../../../../wire/gathered.ts'
import type { BodyTransform } from '../../../http/api.ts'
import { CONTEXT_CHARACTERS, HIT_CHARACTERS_MAX, WINDOW_BYTES } from '../requests/limits.ts'

interface Hit {
  readonly start: number
  readonly end: number
  readonly detector: DetectorName
}

/**
 * Masks what the detectors find in a text as it streams, and keeps its length in bytes: clients of
 * blobs count what they were promised in `Content-Length` and in ranges. Throws MASK_UNPROVABLE for
 * what is not UTF-8, and so cannot be searched.
 */
export function createTextTransform(
  masks: readonly DetectMask[],
  keys: MaskKeys,
  isJson: boolean,
): BodyTransform {
  const specs = specsByDetector(masks)
  const masked = new Set<string>()
  const pending = new Gathered()
  let wanted = WINDOW_BYTES
  let context = ''

  function step(last: boolean): Buffer {
    const { bytes } = pending
    const whole = last ? bytes.length : wholeCharacters(bytes)
    const text = decode(bytes.subarray(0, whole))
    const view = context + text
    const hits = joined(findHits(view, specs).filter((hit) => hit.end > context.length))
    const cut = last ? view.length : cutOf(view, hits, context.length)
    if (cut <= context.length && !last) {
      if (pending.length > HIT_CHARACTERS_MAX) throw unprovable()
      wanted = pending.length * 2
      return Buffer.alloc(0)
    }
    const shown = hits.filter((hit) => hit.end <= cut)
    for (const hit of shown) masked.add(hit.detector)
    const cutBytes = whole - Buffer.byteLength(view.slice(cut))
    const out =
      shown.length === 0 ? bytes.subarray(0, cutBytes) : splice(view, context.length, cut, shown)
    pending.take()
    pending.add(bytes.subarray(cutBytes))
    context = view.slice(Math.max(0, cut - CONTEXT_CHARACTERS), cut)
    wanted = pending.length + WINDOW_BYTES
    return out
  }

  function splice(view: string, from: number, to: number, hits: readonly Hit[]): Buffer {
    const parts: string[] = []
    let at = from
    for (const hit of hits) {
      const start = Math.max(hit.start, at)
      const replacement = fitted(view.slice(start, hit.end), specs.get(hit.detector)!, keys)
      const isNumber = isJson && isJsonNumber(view, hit)
      parts.push(view.slice(at, start))
      parts.push(isNumber ? '9'.repeat(hit.end - start) : replacement)
      at = hit.end
    }
    parts.push(view.slice(at, to))
    return Buffer.from(parts.join(''))
  }

  return {
    write(chunk) {
      pending.add(chunk)
      return pending.length < wanted ? Buffer.alloc(0) : step(false)
    },
    end: () => (pending.length === 0 ? Buffer.alloc(0) : step(true)),
    get masked() {
      return [...masked]
    },
  }
}

/** Nothing that begins this close to the window's end is settled: more of it may follow. */
function cutOf(view: string, hits: readonly Hit[], floor: number): number {
  let cut = view.length - CONTEXT_CHARACTERS
  for (const hit of hits) if (hit.start < cut && hit.end > cut) cut = hit.start
  if (cut > floor && isLow(view.charCodeAt(cut))) cut--
  return cut
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}

/** As written, and without escapes; spans are those of the text as written. */
function findHits(text: string, specs: ReadonlyMap<DetectorName, MaskerSpec>): Hit[] {
  const hits: Hit[] = []
  let view = text
  let offsets: Uint32Array | undefined
  for (let level = 0; ; level++) {
    for (const { start, end, detector } of detect(view, specs.keys())) {
      hits.push({ start: offsets?.[start] ?? start, end: offsets?.[end] ?? end, detector })
    }
    const next = level < UNESCAPE_LEVELS_MAX ? unescape(view) : undefined
    if (next === undefined) return hits
    const outer = offsets
    offsets = outer === undefined ? next.offsets : next.offsets.map((offset) => outer[offset]!)
    view = next.text
  }
}

/** Overlapping hits become one. */
function joined(hits: Hit[]): Hit[] {
  const result: Hit[] = []
  for (const hit of hits.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1)
    if (last === undefined || hit.start >= last.end) result.push(hit)
    else if (hit.end > last.end) result[result.length - 1] = { ...last, end: hit.end }
  }
  return result
}

/** The masked text in exactly as many bytes; asterisks where it does not fit. */
function fitted(plain: string, spec: MaskerSpec, keys: MaskKeys): string {
  const bytes = Buffer.byteLength(plain)
  const text = createMasker(spec, 'text', keys)(plain) ?? ''
  const length = Buffer.byteLength(text)
  return length > bytes || spec.name === 'number'
    ? '*'.repeat(bytes)
    : text + '*'.repeat(bytes - length)
}

/** A number outside of strings has to stay a number. */
function isJsonNumber(view: string, { start, end }: Hit): boolean {
  if (!/^\d+$/.test(view.slice(start, end))) return false
  return /^[\s:,[-]?$/.test(view.charAt(start - 1)) && /^[\s,\]}.eE]?$/.test(view.charAt(end))
}

/** Bytes up to the last character that is complete. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) return bytes.length
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return needed > back ? bytes.length - back : bytes.length
    }
  }
  return bytes.length
}

function decode(bytes: Buffer): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    if (!text.includes('\0')) return text
  } catch {
    // Told below.
  }
  throw unprovable()
}

function unprovable(): ChaperoneError {
  return new ChaperoneError('MASK_UNPROVABLE', 'The content is no text that can be searched.', {
    hint: 'A rule masks what it finds in this content, which has to be UTF-8 text for that.',
  })
}
