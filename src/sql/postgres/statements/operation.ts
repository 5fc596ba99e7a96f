import type { Access, Operation, Outputs } from '../../../core/operation.ts'
import type { Action } from '../../actions.ts'
import { READ_ONLY_ACTIONS } from '../../actions.ts'
import type { Classified, Effect, Statement } from '../../classification.ts'
import type { Budget } from '../parse/budget.ts'
import { KIND_NAMES_MAX } from '../parse/limits.ts'
import type { Secretless } from '../parse/secrets.ts'
import type { Record } from '../reading/record.ts'
import { createRecord } from '../reading/record.ts'
import type { Judged } from './judged.ts'
import { SESSION_CHANGED } from './judged.ts'

/** One statement's judgement and its record. */
export interface Finding {
  readonly judged: Judged
  readonly record: Record
}

/** Puts the findings of a text's statements together. */
export function classified(
  budget: Budget,
  findings: readonly Finding[],
  fingerprint: string,
  database: string,
  secretless?: Secretless,
): Classified {
  const results = findings.map(({ judged }) => judged.outputs)
  const kind = kindOf(findings)
  const operation = touchingSomething(
    findings.length === 1
      ? operationOf(findings[0]!.record, kind, fingerprint, results)
      : combined(budget, findings, kind, fingerprint, results),
    database,
  )
  return {
    type: 'classified',
    operation: secretless === undefined ? operation : withSecrets(operation, secretless),
    statements: findings.map(statementOf),
  }
}

function withSecrets(operation: Operation, { text, hidden }: Secretless): Operation {
  return { ...operation, textWithoutSecrets: text, facts: { ...operation.facts, hidden } }
}

/** What touches nothing says so: policies refuse what has no access at all. */
function touchingSomething(operation: Operation, database: string): Operation {
  if (operation.accesses.length > 0) return operation
  return { ...operation, accesses: [{ action: NONE, object: [database], grant: 'implied' }] }
}

const NONE: Action = 'sql.none'

function combined(
  budget: Budget,
  findings: readonly Finding[],
  kind: string,
  fingerprint: string,
  results: readonly Outputs[],
): Operation {
  const whole = createRecord(budget)
  for (const { record } of findings) {
    whole.collector.absorb(operationOf(record, '', fingerprint, []))
  }
  return operationOf(whole, kind, fingerprint, results)
}

function operationOf(
  record: Record,
  kind: string,
  fingerprint: string,
  results: readonly Outputs[],
): Operation {
  const accesses = record.accesses()
  const copies = record.copies()
  if (accesses.some(isOthersCode)) record.collector.unseen('code')
  const unseen = record.unseen()
  const operation = {
    kind,
    fingerprint,
    accesses,
    predicates: record.predicates(),
    results,
    facts: {
      statements: results.length,
      readOnly: accesses.every(isReadOnly),
      hasWhere: !record.unbounded(),
      ...(unseen.length === 0 ? {} : { unseen }),
    },
  }
  const compares = record.compares()
  const takes = record.takes()
  return {
    ...operation,
    ...(copies.length === 0 ? {} : { copies }),
    ...(compares.length === 0 ? {} : { compares }),
    ...(takes.length === 0 ? {} : { takes }),
  }
}

/** A function that is not PostgreSQL's own. */
function isOthersCode({ action, object }: Access): boolean {
  return action === 'sql.execute' && object[1] !== 'pg_catalog'
}

function isReadOnly(access: Access): boolean {
  if (access.action === 'sql.execute') return access.grant === 'implied'
  return READ_ONLY_ACTIONS.has(access.action)
}

export function effectsOf({ judged, record }: Finding): readonly Effect[] {
  const changes = changeEffects(record)
  const kept = changes.filter((change) => !judged.effects.some((effect) => covers(effect, change)))
  return [...judged.effects, ...kept]
}

function covers(effect: Effect, other: Effect): boolean {
  if (effect.type !== 'catalog' || other.type !== 'catalog') return effect.type === other.type
  return effect.reach === 'database' || other.reach === 'session'
}

function statementOf(finding: Finding): Statement {
  const { judged } = finding
  const effects = effectsOf(finding)
  if (judged.isQuery === true) return { effects }
  const shows = judged.showsApplicationName === true ? { showsApplicationName: true as const } : {}
  const reads = judged.cursor === undefined ? {} : { cursor: judged.cursor }
  const command = { effects, command: true, ...shows, ...reads } as const
  return judged.copy === undefined ? command : { ...command, copy: judged.copy }
}

function changeEffects(record: Record): readonly Effect[] {
  const { session, database, code } = record.changes()
  const effects: Effect[] = code ? [{ type: 'code', later: true }] : []
  if (database) effects.push({ type: 'catalog', reach: 'database' })
  else if (session || code) effects.push(...SESSION_CHANGED)
  return effects
}

function kindOf(findings: readonly Finding[]): string {
  const kinds = findings.map(({ judged }) => judged.kind)
  const more = kinds.length - KIND_NAMES_MAX
  if (more <= 0) return kinds.join('; ')
  return `${kinds.slice(0, KIND_NAMES_MAX).join('; ')}; and ${more} more`
}
