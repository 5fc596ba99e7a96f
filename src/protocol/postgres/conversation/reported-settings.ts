import { ChaperoneError } from '../../../core/errors.ts'
import type { ConversationParts } from './conversation-parts.ts'

/**
 * Takes in a ParameterStatus. Settings that decide how both sides read text may not change; others
 * may change what names stand for. Throws SQL_ENCODING.
 */
export function settingReported(
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
