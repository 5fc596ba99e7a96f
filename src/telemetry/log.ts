import type { Clock } from '../core/clock.ts'
import type { Log, LogFields } from '../core/log.ts'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const

export type LogLevel = (typeof LEVELS)[number]

export interface LogOptions {
  readonly level: LogLevel
  readonly format: 'json' | 'text'
  /** Colour is for people: pass what `isTTY` of the stream says. */
  readonly colour?: boolean
  /** Takes one line, its line end included. */
  readonly write: (line: string) => void
  readonly clock: Clock
}

/** A longer text is cut: a log line is no place for statements. */
const VALUE_LENGTH_MAX = 2000

/**
 * A log that writes one line for each event, whatever the fields hold: line ends and control
 * characters are escaped, so that nobody can forge a line or drive a terminal. Never throws.
 */
export function createLog(options: LogOptions): Log {
  const least = LEVELS.indexOf(options.level)
  const format = options.format === 'json' ? formatJson : formatText(options.colour === true)
  const at = (level: LogLevel) => {
    if (LEVELS.indexOf(level) < least) return () => {}
    return (event: string, fields: LogFields = {}): void => {
      try {
        options.write(`${format(options.clock.now_ms(), level, event, fields)}\n`)
      } catch {
        // A log that cannot be written must not stop what it tells of.
      }
    }
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

type Format = (at_ms: number, level: LogLevel, event: string, fields: LogFields) => string

const formatJson: Format = (at_ms, level, event, fields) => {
  const line: Record<string, unknown> = { time: new Date(at_ms).toISOString(), level, event }
  for (const [key, value] of Object.entries(fields)) {
    // The three names of our own cannot be taken by a field.
    if (value !== undefined) line[Object.hasOwn(line, key) ? `${key}_` : key] = cut(value)
  }
  return escapeControls(JSON.stringify(line))
}

const COLOURS = { debug: 90, info: 36, warn: 33, error: 31 } as const

function formatText(colour: boolean): Format {
  return (at_ms, level, event, fields) => {
    const word = level.toUpperCase().padEnd(5)
    const shown = colour ? `\u001b[${COLOURS[level]}m${word}\u001b[0m` : word
    const parts = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ` ${escapeControls(key)}=${textValue(cut(value))}`)
    const time = new Date(at_ms).toISOString()
    return `${time} ${shown} ${escapeControls(event)}${parts.join('')}`
  }
}

function cut(value: LogFields[string]): LogFields[string] {
  if (typeof value !== 'string' || value.length <= VALUE_LENGTH_MAX) return value
  return `${value.slice(0, VALUE_LENGTH_MAX)}…`
}

function textValue(value: LogFields[string]): string {
  if (typeof value !== 'string') return String(value)
  const plain = /^[\p{L}\p{N}._:/@+-]+$/u.test(value)
  return plain ? value : escapeControls(JSON.stringify(value))
}

/** Control characters, line and paragraph separators, and marks that turn the direction of writing. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

function escapeControls(text: string): string {
  return text.replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
