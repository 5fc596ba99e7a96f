import { ChaperoneError } from '../../../core/errors.ts'
import { createTextMasker } from '../../../mask/mask-text.ts'
import { HEADER_BYTES } from '../messages/frame.ts'
import { Reader } from '../messages/reader.ts'
import type { ConversationParts } from './conversation-parts.ts'
import type { Conversation } from './conversation.ts'
import type { Passage } from './passage.ts'

/** Values that a session was told; few change the time zone more often. */
const TOLD_MAX = 64

/**
 * ParameterStatus tells of settings that the agent changed, or code that may put any text into one
 * that takes it. Such a text passes if the client has had it, if it is the name of a time zone, or if
 * nothing that may be executing has masked values to put there.
 */
export function createReports(
  c: Conversation,
): (buffer: Buffer, start: number, end: number) => Passage {
  const told = new Set<string>(c.parts.settings.values())

  function passes(name: string, value: string): boolean {
    // The client has one of its own; code may have changed the target's, to whatever it likes.
    if (name === 'application_name') return false
    if (CHOSEN_FROM_A_LIST.has(name) || told.has(value) || isTimeZone(value)) return true
    const words = c.executing.words(c.expects.head)
    if (words === 'values' || words === 'any') return false
    return createTextMasker(c.executing.detectMasks(), 'text', c.parts.keys)(value) === value
  }

  return (buffer, start, end) => {
    const reader = new Reader(buffer, start + HEADER_BYTES, end, 'TARGET_PROTOCOL')
    const name = reader.cstring()
    const value = reader.cstring()
    reader.finish()
    const passage = passes(name, value) ? 'pass' : 'drop'
    if (passage === 'pass' && told.size < TOLD_MAX) told.add(value)
    settingReported(c.parts, name, value)
    return passage
  }
}

/** Reported settings that take no other text than their own words and numbers. */
const CHOSEN_FROM_A_LIST: ReadonlySet<string> = new Set([
  'client_encoding',
  'DateStyle',
  'default_transaction_read_only',
  'in_hot_standby',
  'integer_datetimes',
  'IntervalStyle',
  'is_superuser',
  'scram_iterations',
  'server_encoding',
  'server_version',
  'standard_conforming_strings',
])

function isTimeZone(value: string): boolean {
  return Intl.supportedValuesOf('timeZone').includes(value) || /^(?:Etc\/)?(?:UTC|GMT)$/.test(value)
}

/**
 * Takes in a ParameterStatus. Settings that decide how both sides read text may not change; others
 * may change what names stand for. Throws SQL_ENCODING.
 */
function settingReported(
  { settings, classifier }: Pick<ConversationParts, 'settings' | 'classifier'>,
  name: string,
  value: string,
): void {
  if (name === 'client_encoding' && value !== 'UTF8') throw misread(name)
  if (name === 'standard_conforming_strings' && value !== 'on') throw misread(name)
  const changed = settings.get(name) !== value
  settings.set(name, value)
  if (changed && RESOLVES_NAMES.has(name)) classifier.catalogChanged(false)
}

const RESOLVES_NAMES: ReadonlySet<string> = new Set(['session_authorization', 'search_path'])

function misread(name: string): ChaperoneError {
  return new ChaperoneError('SQL_ENCODING', `The target changed ${name}; text could be misread.`)
}
