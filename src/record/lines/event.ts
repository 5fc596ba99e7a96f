import type { CutText, Kept } from './cut.ts'
import { cutText, cutValues, shorten } from './cut.ts'
import type { OperationFragment, VerdictFragment } from './fragments.ts'
import { inner } from './fragments.ts'
import {
  NOTE_CHARS_MAX,
  PARAMETER_CHARS_MAX,
  PARAMETERS_CHARS_MAX,
  PREVIEW_CHARS_MAX,
  PREVIEW_ROWS_MAX,
  PREVIEW_VALUE_CHARS_MAX,
  SHORT_CHARS_MAX,
  TEXT_CHARS_MAX,
} from './limits.ts'
import type { LineShape } from './line.ts'
import { SESSION_CLOSED, SESSION_OPENED } from './ocsf.ts'
import type { Intent, Outcome, Trail } from './trail.ts'

/*
 * One line is a prefix made once a session, fragments made once an operation shape and verdict, and
 * what is new each time. All functions here are pure and give the line without its head: the
 * journal puts `{"metadata":{"uid":…,"sequence":…,` before it, because both are known only when it
 * is written. `kind` comes last, so that a reader can tell it without parsing. Ids of operations are
 * the trail's own, and hold nothing that JSON escapes.
 */

export function intentLine(
  shape: LineShape,
  operationId: string,
  intent: Intent,
  operation: OperationFragment,
  verdict: VerdictFragment,
): string {
  const text = cutText(intent.text, TEXT_CHARS_MAX)
  return (
    shape.prefix +
    '"time":' +
    time(intent.at_ms) +
    ',' +
    operation.activity +
    verdict.classification +
    subject(shape, text, operation) +
    shape.own +
    '"operation":"' +
    operationId +
    '","phase":"' +
    intent.phase +
    '",' +
    verdict.own +
    operation.own +
    intentExtras(shape, text, intent) +
    '"kind":"operation.intent"}}}\n'
  )
}

/** The statement itself, where OCSF has a place for it. */
function subject(shape: LineShape, text: string | CutText, { kind }: OperationFragment): string {
  if (shape.api) return '"api":{"operation":' + kind + '},'
  const whole = typeof text === 'string' ? text : text.cut
  return '"query_info":{"query_string":' + JSON.stringify(whole) + '},'
}

function intentExtras(shape: LineShape, text: string | CutText, intent: Intent): string {
  let extras = ''
  if (shape.api) extras += '"text":' + JSON.stringify(text) + ','
  else if (typeof text !== 'string') {
    extras += inner({ textCut: { length: text.length, sha256: text.sha256 } })
  }
  if (intent.parameters !== undefined && intent.parameters.length > 0) {
    const kept = cutValues(intent.parameters, PARAMETER_CHARS_MAX, PARAMETERS_CHARS_MAX)
    extras += '"parameters":' + JSON.stringify(kept) + ','
  }
  if (intent.approvalId !== undefined) extras += inner({ approval: intent.approvalId })
  return extras
}

const RESULT_STATUS = {
  success: '"severity_id":1,"status_id":1,',
  error: '"severity_id":1,"status_id":2,',
  refused: '"severity_id":3,"status_id":2,"action_id":2,"disposition_id":2,',
  withdrawn: '"severity_id":1,"status_id":2,',
  skipped: '"severity_id":1,"status_id":2,',
  lost: '"severity_id":2,"status_id":2,',
} as const satisfies Record<Outcome['result'], string>

export function outcomeLine(
  shape: LineShape,
  operationId: string,
  outcome: Outcome,
  operation: OperationFragment | undefined,
): string {
  return (
    shape.prefix +
    '"time":' +
    time(outcome.at_ms) +
    ',' +
    (operation?.activity ?? shape.unknownActivity) +
    RESULT_STATUS[outcome.result] +
    (outcome.error === undefined ? '' : '"status_code":' + short(outcome.error) + ',') +
    (shape.api ? '"api":{"operation":' + (operation?.kind ?? '"unknown"') + '},' : '') +
    shape.own +
    '"operation":"' +
    operationId +
    '","result":"' +
    outcome.result +
    '","duration_ms":' +
    amount(outcome.duration_ms) +
    ',' +
    outcomeExtras(outcome) +
    '"kind":"operation.outcome"}}}\n'
  )
}

function outcomeExtras(outcome: Outcome): string {
  let extras = ''
  if (outcome.rows !== undefined) extras += '"rows":' + amount(outcome.rows) + ','
  if (outcome.bytes !== undefined) extras += '"bytes":' + amount(outcome.bytes) + ','
  if (outcome.error !== undefined) extras += '"error":' + short(outcome.error) + ','
  if (outcome.masked !== undefined && outcome.masked.length > 0) {
    extras += '"masked":' + JSON.stringify(outcome.masked) + ','
  }
  if (outcome.preview !== undefined && outcome.preview.length > 0) {
    extras += '"preview":' + JSON.stringify(cutPreview(outcome.preview)) + ','
  }
  return extras
}

function cutPreview(rows: readonly (readonly (string | null)[])[]): Kept[][] {
  let left = PREVIEW_CHARS_MAX
  return rows.slice(0, PREVIEW_ROWS_MAX).map((row) => {
    const kept = cutValues(row, PREVIEW_VALUE_CHARS_MAX, left)
    for (const value of kept) {
      if (value !== null) left -= typeof value === 'string' ? value.length : value.cut.length
    }
    return kept
  })
}

export function openedLine(
  shape: LineShape,
  at_ms: number,
  facts: Parameters<Trail['opened']>[0],
): string {
  const extras = { ...shape.facts, ...facts }
  return sessionLine(shape, at_ms, 'session.opened', SESSION_OPENED.activity_id, extras, true)
}

export function closedLine(
  shape: LineShape,
  at_ms: number,
  why: Parameters<Trail['closed']>[0],
): string {
  const extras = {
    ...(why.code === undefined ? {} : { code: why.code }),
    ...(why.message === undefined ? {} : { message: shorten(why.message, NOTE_CHARS_MAX) }),
  }
  const normal = why.code === undefined
  return sessionLine(shape, at_ms, 'session.closed', SESSION_CLOSED.activity_id, extras, normal)
}

function sessionLine(
  shape: LineShape,
  at_ms: number,
  kind: 'session.opened' | 'session.closed',
  activity_id: number,
  extras: object,
  normal: boolean,
): string {
  const status = normal ? { severity_id: 1, status_id: 1 } : { severity_id: 2, status_id: 1 }
  const event = { activity_id, type_uid: 300200 + activity_id, ...status }
  return (
    shape.signInPrefix +
    inner({ time: Math.trunc(at_ms), ...event }) +
    shape.own +
    inner(extras) +
    `"kind":"${kind}"}}}\n`
  )
}

function short(text: string): string {
  return JSON.stringify(shorten(text, SHORT_CHARS_MAX))
}

/** OCSF times are whole milliseconds; a number that JSON cannot hold must not break the line. */
function time(at_ms: number): string {
  return Number.isFinite(at_ms) ? String(Math.trunc(at_ms)) : '0'
}

function amount(value: number): string {
  if (Number.isInteger(value)) return String(value)
  return Number.isFinite(value) ? String(Math.round(value * 1000) / 1000) : '0'
}
