import { refuse } from '../../refuse.ts'
import type { Parser, RawStatement } from '../parse/parser.ts'
import type { Analysis } from '../reading/analysis.ts'
import type { SettingValue } from '../reading/settings.ts'
import type { Judged } from './judged.ts'
import { done } from './judged.ts'

/**
 * What a client calls itself is kept by the gateway, since the target's own setting of this name joins its log with our
 * records. A client's SET goes to the target under another name, with which it makes or breaks transactions as it would
 * have; what SHOW answers is replaced on its way back.
 */
export const APPLICATION_NAME = 'application_name'
const FORWARDED_AS = 'chaperone.application_name'

/** NAMEDATALEN - 1; the server cuts what is longer. */
const NAME_LENGTH_MAX = 63

/** SET and RESET of it. */
export function setApplicationName(a: Analysis, value: SettingValue, isLocal: boolean): Judged {
  if (value.type === 'unseen') {
    return refuse(
      'SQL_UNSUPPORTED',
      'application_name is given in a way that cannot be read.',
      "Write SET application_name = 'a constant'.",
    )
  }
  a.collector.access('sql.set', [a.catalog.database, 'setting', APPLICATION_NAME], 'implied')
  const name = value.type === 'constant' ? asServerKeepsIt(value.text) : undefined
  const kind = value.type === 'constant' ? 'SET' : 'RESET'
  return { ...done(kind, [{ type: 'application-name', name, isLocal }]), renamesSetting: true }
}

export function showApplicationName(a: Analysis): Judged {
  a.collector.access('sql.show', [a.catalog.database, 'setting', APPLICATION_NAME], 'implied')
  const outputs = [{ name: APPLICATION_NAME, sources: [] }]
  return { ...done('SHOW', [], outputs), showsApplicationName: true }
}

/** Printable ASCII, up to its bound (check_application_name, pg_clean_ascii in the server's source). */
function asServerKeepsIt(text: string): string {
  return text.replaceAll(/[^ -~]/gu, '?').slice(0, NAME_LENGTH_MAX)
}

/** The text as it goes to the target: in each of these statements the setting has the other name. */
export function withSettingRenamed(
  parser: Parser,
  text: string,
  statements: readonly RawStatement[],
): string {
  const bytes = Buffer.from(text)
  const tokens = parser.scan(text) ?? []
  const pieces: Buffer[] = []
  let from = 0
  let next = 0
  for (const { start, length } of statements) {
    const end = length === 0 ? bytes.length : start + length
    while (next < tokens.length && !(tokens[next]!.start >= start && isName(tokens[next]!))) next++
    const name = tokens[next]
    if (name === undefined || name.end > end) {
      refuse(
        'SQL_UNSUPPORTED',
        'application_name cannot be found in the text.',
        'Write it plainly.',
      )
    }
    pieces.push(bytes.subarray(from, name.start), Buffer.from(FORWARDED_AS))
    from = name.end
  }
  return Buffer.concat([...pieces, bytes.subarray(from)]).toString('utf8')
}

function isName({ text }: { readonly text: string }): boolean {
  return text.toLowerCase() === APPLICATION_NAME || text === `"${APPLICATION_NAME}"`
}
