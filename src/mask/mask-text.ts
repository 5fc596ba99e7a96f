import type { DetectMask, DetectorName, MaskerSpec } from '../core/verdict.ts'
import { detect } from './detectors/detectors.ts'
import { createTokenFinder } from './json-strings.ts'
import { isNumeric, type Kind } from './kind.ts'
import { UNESCAPE_LEVELS_MAX } from './limits.ts'
import { createMasker, type Masker, type MaskKeys } from './maskers.ts'
import { stricter } from './strictness.ts'
import { unescape } from './unescape.ts'

/**
 * Masks what the detectors find and leaves the rest. Returns the very same string where nothing was
 * found, and null where a `null` rule found something or the kind has no place for a masked part.
 */
export type TextMasker = (text: string) => string | null

/** A part to replace, and what it says without escapes. */
interface Hit {
  readonly start: number
  readonly end: number
  readonly plain: string
  readonly spec: MaskerSpec
  /** What the replacement has to be: a part of a string, or a whole JSON number. */
  readonly kind: 'text' | 'number'
}

/** Numbers have no separators and no letters: only a card's digits can be told in them. */
const NUMBER_DETECTORS: readonly DetectorName[] = ['payment-card']

export function createTextMasker(
  masks: readonly DetectMask[],
  kind: Kind,
  keys: MaskKeys,
): TextMasker {
  const specs = specsByDetector(masks)
  if (isNumeric(kind)) return createNumberMasker(specs, kind, keys)
  const splice = createSplicer(kind, keys)
  return (text) => {
    const hits = findHits(text, specs)
    if (hits.length === 0) return text
    const canHoldParts = kind === 'text' || kind === 'json'
    if (!canHoldParts || hits.some((hit) => hit.spec.name === 'null')) return null
    hits.sort(byStart)
    return splice(text, joined(kind === 'json' ? withinTokens(text, hits) : hits))
  }
}

/** The detectors in force, each with the strictest of its maskers. */
export function specsByDetector(masks: readonly DetectMask[]): Map<DetectorName, MaskerSpec> {
  const specs = new Map<DetectorName, MaskerSpec>()
  for (const mask of masks) {
    for (const detector of mask.detectors) {
      const other = specs.get(detector)
      specs.set(detector, other === undefined ? mask.with : stricter(other, mask.with))
    }
  }
  return specs
}

function createNumberMasker(
  specs: ReadonlyMap<DetectorName, MaskerSpec>,
  kind: Kind,
  keys: MaskKeys,
): TextMasker {
  const detectors = NUMBER_DETECTORS.filter((detector) => specs.has(detector))
  const maskers = new Map(
    detectors.map((detector) => [detector, createMasker(specs.get(detector)!, kind, keys)]),
  )
  return (text) => {
    const found = detect(plainNumber(text), detectors)[0]
    return found === undefined ? text : maskers.get(found.detector)!(text)
  }
}

/** `4.111111111111111e+15` is a card number too, and so is `$4,111,111,111,111,111.00`. */
function plainNumber(text: string): string {
  if (/^[-+]?[\d.]+$/.test(text)) return text
  const value = Number(text)
  const isWritable = Number.isFinite(value) && Math.abs(value) < 1e21
  return isWritable ? value.toFixed(0) : text.replaceAll(/[^\d.]/g, '')
}

/** What is found in the text as written, and in the text without its escapes. */
function findHits(text: string, specs: ReadonlyMap<DetectorName, MaskerSpec>): Hit[] {
  const hits: Hit[] = []
  let view = text
  let offsets: Uint32Array | undefined
  for (let level = 0; ; level++) {
    for (const span of detect(view, specs.keys())) {
      hits.push({
        start: offsets?.[span.start] ?? span.start,
        end: offsets?.[span.end] ?? span.end,
        plain: view.slice(span.start, span.end),
        spec: specs.get(span.detector)!,
        kind: 'text',
      })
    }
    const next = level < UNESCAPE_LEVELS_MAX ? unescape(view) : undefined
    if (next === undefined) return hits
    const outer = offsets
    offsets = outer === undefined ? next.offsets : next.offsets.map((offset) => outer[offset]!)
    view = next.text
  }
}

function byStart(a: Hit, b: Hit): number {
  return a.start - b.start || b.end - a.end
}

/** Keeps JSON what it is: a hit ends with the string that it starts in, or takes a whole number. */
function withinTokens(text: string, hits: readonly Hit[]): Hit[] {
  const tokenAt = createTokenFinder(text)
  return hits.map((hit) => {
    const token = tokenAt(hit.start)
    if (token.type === 'other')
      return { ...hit, start: token.start, end: token.end, kind: 'number' }
    if (hit.end <= token.end) return hit
    return { ...hit, end: token.end, plain: text.slice(hit.start, token.end) }
  })
}

/** Overlapping hits become one; it says what the longer says, and the stricter masker takes it. */
function joined(hits: readonly Hit[]): readonly Hit[] {
  const result: Hit[] = [hits[0]!]
  for (let i = 1; i < hits.length; i++) {
    const last = result.at(-1)!
    const hit = hits[i]!
    if (hit.start >= last.end) {
      result.push(hit)
      continue
    }
    const longer = hit.end - hit.start > last.end - last.start ? hit : last
    result[result.length - 1] = {
      start: last.start,
      end: Math.max(last.end, hit.end),
      plain: longer.plain,
      spec: stricter(last.spec, hit.spec),
      kind: last.kind,
    }
  }
  return result
}

type Splicer = (text: string, hits: readonly Hit[]) => string

function createSplicer(kind: Kind, keys: MaskKeys): Splicer {
  const maskers = new Map<string, Masker>()
  return (text, hits) => {
    let out = ''
    let at = 0
    for (const hit of hits) {
      out += text.slice(at, hit.start) + replacement(text, hit)
      at = hit.end
    }
    return out + text.slice(at)
  }

  function replacement(text: string, hit: Hit): string {
    const masked = maskerFor(hit)(hit.plain)
    if (hit.kind === 'number') return masked ?? 'null'
    const isEscaped = kind === 'json' || text.slice(hit.start, hit.end) !== hit.plain
    return isEscaped ? escapeJson(masked ?? '') : (masked ?? '')
  }

  function maskerFor({ spec, kind: part }: Hit): Masker {
    const id = `${spec.name} ${spec.keepStart ?? 0} ${spec.keepEnd ?? 0} ${part}`
    let masker = maskers.get(id)
    if (masker === undefined) maskers.set(id, (masker = createMasker(spec, part, keys)))
    return masker
  }
}

function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}
