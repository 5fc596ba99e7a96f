import { ChaperoneError } from '../../../core/errors.ts'

/** One setting that a client asks for before it is connected. */
export type Setting = readonly [name: string, value: string]

/**
 * Settings that a client may choose before any statement was judged: formats, timeouts, the search
 * path, and planner switches. None of them changes who one is, what is logged, how text is quoted
 * or where libraries are loaded from. The names are PostgreSQL's, in lower case.
 */
export const SAFE_SETTINGS: ReadonlySet<string> = new Set([
  'application_name',
  'bytea_output',
  'client_encoding',
  'client_min_messages',
  'datestyle',
  'default_transaction_deferrable',
  'default_transaction_isolation',
  'default_transaction_read_only',
  'extra_float_digits',
  'geqo',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'intervalstyle',
  'jit',
  'lock_timeout',
  'plan_cache_mode',
  'search_path',
  'standard_conforming_strings',
  'statement_timeout',
  'tcp_keepalives_count',
  'tcp_keepalives_idle',
  'tcp_keepalives_interval',
  'timezone',
])

/** The gateway's own setting: which resource is meant. */
export const RESOURCE_SETTING = 'chaperone.resource'

/**
 * Reads the `options` parameter as the server does (pg_split_opts and process_postgres_switches in
 * its source): words are split at white space, a backslash keeps the next character, and only
 * `-c name=value`, `-cname=value` and `--name=value` are served. Throws PROTOCOL_UNSUPPORTED for
 * any other switch, PROTOCOL_VIOLATION for one that is not complete.
 */
export function parseOptions(options: string): Setting[] {
  const words = splitWords(options)
  const settings: Setting[] = []
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!
    if (word === '-c') {
      at += 1
      settings.push(parseAssignment(words[at] ?? ''))
    } else if (word.startsWith('--') || word.startsWith('-c')) {
      settings.push(parseAssignment(word.slice(2)))
    } else {
      throw new ChaperoneError('PROTOCOL_UNSUPPORTED', 'The options hold a switch other than -c.', {
        hint: 'Write options as -c name=value.',
      })
    }
  }
  return settings
}

/** What isspace() of the C locale accepts. */
const SPACE = /[ \t\n\v\f\r]/

function splitWords(options: string): string[] {
  const words: string[] = []
  let word: string | undefined
  for (let at = 0; at < options.length; at += 1) {
    const character = options[at]!
    if (SPACE.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (character === '\\') {
      at += 1
      word = (word ?? '') + (options[at] ?? '')
    } else {
      word = (word ?? '') + character
    }
  }
  if (word !== undefined) words.push(word)
  return words
}

/** The server reads `-` in a name as `_` (ParseLongOption). */
function parseAssignment(text: string): Setting {
  const equals = text.indexOf('=')
  if (equals < 1) {
    throw new ChaperoneError('PROTOCOL_VIOLATION', 'The options hold a setting without a value.', {
      hint: 'Write options as -c name=value.',
    })
  }
  return [text.slice(0, equals).replaceAll('-', '_'), text.slice(equals + 1)]
}
