import type { RE2JS } from 're2js'
import type { Place } from '../core/errors.ts'
import { invariant } from '../core/errors.ts'
import type { Access } from '../core/operation.ts'
import type { Resource, ResourceType } from '../core/resource.ts'
import { ignoresCase } from '../core/resource.ts'
import type { ApprovalTerms, ColumnMask, MaskRule, Obligations } from '../core/verdict.ts'
import type { Condition } from './condition.ts'
import { HOLD_EXPIRES_MS } from './limits.ts'
import type { Glob, Pattern } from './pattern.ts'
import {
  covers,
  coversEnd,
  coversExactly,
  coversPartOf,
  matchesGlob,
  overlaps,
  parseGlob,
  parsePattern,
  touchesPart,
} from './pattern.ts'
import type { MaskDocument, PolicyDocument, RuleDocument } from './schema.ts'

/** A policy ready to decide. */
export interface Policy {
  readonly name: string
  readonly file: string
  readonly document: PolicyDocument
  /** Where in the file the value at a path of the document stands. */
  readonly placeOf: (path: readonly PropertyKey[]) => Place
  readonly subjects: {
    readonly agents: readonly Glob[]
    readonly groups: ReadonlySet<string>
    readonly roles: ReadonlySet<string>
  }
  readonly resources: {
    readonly names: readonly Glob[] | undefined
    readonly types: readonly ResourceType[] | undefined
    readonly labels: readonly (readonly [string, string])[]
  }
  readonly rules: readonly Rule[]
}

export interface Rule {
  readonly policy: string
  readonly id: string
  readonly effect: 'allow' | 'hold' | 'deny'
  readonly document: RuleDocument
  /** Absent: any. */
  readonly actions: readonly Glob[] | undefined
  readonly objects: readonly Pattern[] | undefined
  readonly texts: readonly RE2JS[]
  readonly when: Condition | undefined
  readonly obligations: Obligations
  readonly approval: ApprovalTerms | undefined
}

export function compileRule(
  policy: string,
  document: RuleDocument,
  when: Condition | undefined,
  texts: readonly RE2JS[],
): Rule {
  const { id } = document
  const effect = effectOf(document)
  const matcher = document[effect]!
  return {
    policy,
    id,
    effect,
    document,
    actions: matcher.actions?.map(parseGlob),
    objects: matcher.objects?.map(patternOf),
    texts,
    when,
    obligations: {
      masks: (document.mask ?? []).map((mask) => maskRule(policy, id, mask)),
      onMaxRows: document.onMaxRows ?? 'error',
      ...(document.maxRows === undefined
        ? {}
        : { maxRows: document.maxRows, limitedBy: { policy, rule: id } }),
      ...(document.maxSession === undefined ? {} : { maxSession_ms: document.maxSession }),
    },
    approval: effect === 'hold' ? termsOf(document) : undefined,
  }
}

function effectOf(document: RuleDocument): Rule['effect'] {
  if (document.deny !== undefined) return 'deny'
  return document.hold === undefined ? 'allow' : 'hold'
}

function termsOf({ approvers, expires, reason }: RuleDocument): ApprovalTerms {
  const { groups = [], people = [], count = 1 } = approvers ?? {}
  return {
    approvers: { groups, people },
    count,
    expires_ms: expires ?? HOLD_EXPIRES_MS,
    reasonRequired: reason === 'required',
  }
}

function patternOf(source: string): Pattern {
  const pattern = parsePattern(source)
  invariant(typeof pattern !== 'string', 'the schema has checked the pattern')
  return pattern
}

function maskRule(policy: string, rule: string, mask: MaskDocument): MaskRule {
  if ('detect' in mask) {
    return { type: 'detect', detectors: mask.detect, with: mask.with, policy, rule }
  }
  const columns = mask.columns.map(patternOf)
  return {
    type: 'columns',
    columns: mask.columns,
    covers: (column) => columns.some((pattern) => covers(pattern, column)),
    touches: (object) => columns.some((pattern) => overlaps(pattern, object)),
    touchesInside: (path) => columns.some((pattern) => touchesPart(pattern, path)),
    reaches: (end) => columns.some((pattern) => coversEnd(pattern, end)),
    with: mask.with,
    predicates: mask.predicates,
    policy,
    rule,
  }
}

export function columnMasks(masks: readonly MaskRule[]): readonly ColumnMask[] {
  return masks.filter((mask) => mask.type === 'columns')
}

// Matching one access

export function matchesAction({ actions }: Rule, action: string): boolean {
  return actions === undefined || actions.some((glob) => matchesGlob(glob, action))
}

/** True if the rule speaks of the whole object: what an allow needs. */
export function coversObject(
  { objects }: Rule,
  { object }: Access,
  resource: Pick<Resource, 'type'>,
): boolean {
  const grants = granting(resource)
  return objects === undefined || objects.some((pattern) => grants(pattern, object))
}

/** A grant is for what it names, and for nothing that the target tells from it. */
function granting(resource: Pick<Resource, 'type'>): typeof covers {
  return ignoresCase(resource) ? covers : coversExactly
}

/** The parts (columns) of the access that the rule speaks of; for rules that name columns. */
export function coveredParts(
  { objects = [] }: Rule,
  { object, parts }: Access,
  resource: Pick<Resource, 'type'>,
): readonly string[] {
  if (parts === undefined || parts === 'all') return []
  const grants = granting(resource)
  return parts.filter((part) => objects.some((pattern) => grants(pattern, [...object, part])))
}

/** True if the access could touch anything that the rule speaks of: what a deny or hold needs. */
export function touchesObject({ objects }: Rule, { object, parts }: Access): boolean {
  if (objects === undefined) return true
  return objects.some((pattern) => {
    if (!overlaps(pattern, object)) return false
    if (parts === undefined || parts === 'all' || covers(pattern, object)) return true
    return parts.some((part) => touchesPart(pattern, [...object, part]))
  })
}

/**
 * An access that touches no part at all (`count(*)`) is allowed by a rule that names any part of the
 * object, as PostgreSQL itself has it. `**.email` does not: the object may have no such part.
 */
export function coversSomePart({ objects = [] }: Rule, { object, parts }: Access): boolean {
  const partless = parts !== undefined && parts !== 'all' && parts.length === 0
  return partless && objects.some((pattern) => coversPartOf(pattern, object))
}
