import { safe, safeLines } from '../../core/safe-text.ts'
import type { Kept, NoteStep, OperationStep, OtherStep, OutcomeStep, Replay } from './replay.ts'

/**
 * A replay as text for a terminal. Agents write much of what stands here, so control characters are
 * shown and not sent, and every line of a statement is set in: none can pass for one of ours.
 */
export function formatReplay({ session, steps }: Replay): string {
  const started = new Date(session.startedAt_ms).toISOString()
  const head =
    `Session ${safe(session.id)} of ${safe(session.agent)} on ${safe(session.resource)} ` +
    `(${safe(session.protocol)}) from ${safe(session.clientAddress)}, ${started}\n`
  const lines = steps.map((step) => (step.type === 'operation' ? operation(step) : other(step)))
  return [head, ...lines].join('')
}

const INDENT = ' '.repeat(15)

function operation(step: OperationStep): string {
  const what = step.kind ?? 'an operation whose intent is missing'
  const first = [what, step.prepared ? 'prepared' : undefined, verdict(step)]
  return [
    line(step.offset_ms, join(first)),
    step.statement === undefined ? '' : block(step.statement),
    step.statementLength === undefined
      ? ''
      : inset(`(cut from ${step.statementLength} characters)`),
    ...step.parameters.map((value, index) => inset(`$${index + 1} = ${quoted(value)}`)),
    step.denial === undefined ? '' : inset(`${step.denial.code}: ${step.denial.message}`),
    ...step.approvals.map(approval),
    ...terminal(step),
    step.outcome === undefined ? '' : outcome(step.outcome),
  ].join('')
}

const EFFECTS: Readonly<Record<string, string>> = { allow: 'allowed', deny: 'denied', hold: 'held' }

function verdict({ verdict: effect, rules }: OperationStep): string | undefined {
  if (effect === undefined) return undefined
  const word = Object.hasOwn(EFFECTS, effect) ? EFFECTS[effect]! : effect
  return rules.length === 0 ? word : `${word} by ${rules.join(', ')}`
}

function approval(note: NoteStep): string {
  const text = `${offset(note.offset_ms)} ${note.type}: ${note.message}`
  return inset(join([text, named('person', note.person), named('reason', note.reason), note.code]))
}

/** Markers one by one; what passed on a terminal is for a player. */
function terminal({ operation: id, terminal: pieces = [] }: OperationStep): string[] {
  const marked = pieces.filter(({ stream }) => stream === 'm')
  const count = pieces.length - marked.length
  return [
    ...marked.map(({ offset_ms, text }) => inset(`${offset(offset_ms)} ${text}`)),
    ...(count === 0 ? [] : [inset(`terminal, ${count} pieces: --cast FILE --operation ${id}`)]),
  ]
}

function outcome(step: OutcomeStep): string {
  const parts = [
    `${offset(step.offset_ms)} ${step.result}`,
    step.error,
    step.rows === undefined ? undefined : `${step.rows} ${step.rows === 1 ? 'row' : 'rows'}`,
    step.bytes === undefined ? undefined : `${step.bytes} bytes`,
    `${step.duration_ms} ms`,
    step.masked.length === 0 ? undefined : `masked: ${step.masked.join(', ')}`,
  ]
  const rows = step.preview.map((row) => inset(`| ${row.map(quoted).join(' | ')}`))
  return [inset(join(parts)), ...rows].join('')
}

function other(step: OtherStep): string {
  const what = step.type === 'note' ? (step.note ?? 'note') : step.type.replace('session.', '')
  const message = step.message === '' ? undefined : step.message
  return line(step.offset_ms, join([what, message, named('person', step.person), step.code]))
}

function named(name: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${name} ${value}`
}

function join(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(', ')
}

/** Text in quotes as JSON writes it, so that no value looks like two. */
function quoted({ text, length }: Kept): string {
  if (text === null) return 'NULL'
  return length === undefined
    ? JSON.stringify(text)
    : `${JSON.stringify(text)}… (${length} characters)`
}

function line(offset_ms: number, text: string): string {
  return `${offset(offset_ms)} ${safe(text)}\n`
}

function inset(text: string): string {
  return `${INDENT}${safe(text)}\n`
}

function block(text: string): string {
  return `${safeLines(text).replaceAll(/^/gm, `${INDENT}  `)}\n`
}

/** `+00:01:05.250` */
function offset(offset_ms: number): string {
  const sign = offset_ms < 0 ? '-' : '+'
  const whole = Math.round(Math.abs(offset_ms))
  const [hours, minutes, seconds] = [whole / 3_600_000, (whole / 60_000) % 60, (whole / 1000) % 60]
  const clock = [hours, minutes, seconds].map((part) => String(Math.floor(part)).padStart(2, '0'))
  return `${sign}${clock.join(':')}.${String(whole % 1000).padStart(3, '0')}`
}
