import { ChaperoneError } from '../../../core/errors.ts'
import { Reader } from '../messages/reader.ts'
import { STARTUP_BYTES_MAX } from './handshake-limits.ts'
import type { Setting } from './startup-options.ts'
import { parseOptions, RESOURCE_SETTING, SAFE_SETTINGS } from './startup-options.ts'

/**
 * The packets that have no type byte (PostgreSQL documentation, "Message Formats": StartupMessage,
 * SSLRequest, GSSENCRequest, CancelRequest): an Int32 length that counts itself, an Int32 code.
 */
export const STARTUP_HEADER_BYTES = 8

export const SSL_REQUEST = 80_877_103
export const GSSENC_REQUEST = 80_877_104
export const CANCEL_REQUEST = 80_877_102
export const PROTOCOL_3_0 = 0x0003_0000

/** What a client said of itself and of where it wants to go. */
export interface Startup {
  readonly user: string
  /** As sent, with a `resource/` prefix if it has one. */
  readonly database?: string
  /** Settings to give to the target; names are in lower case and all of SAFE_SETTINGS. */
  readonly parameters: Readonly<Record<string, string>>
  /** `chaperone.resource`, where the client set it. */
  readonly resource?: string
  /** Set when the client asked for more than 3.0 and must be told so: the options not known here. */
  readonly negotiate?: readonly string[]
}

/** Size of the whole packet. Throws PROTOCOL_VIOLATION or MESSAGE_TOO_LARGE. */
export function startupPacketBytes(header: Buffer): number {
  const length = header.readUInt32BE(0)
  if (length < STARTUP_HEADER_BYTES) {
    throw new ChaperoneError('PROTOCOL_VIOLATION', 'The first packet has an impossible length.')
  }
  if (length > STARTUP_BYTES_MAX) {
    throw new ChaperoneError('MESSAGE_TOO_LARGE', 'The first packet is larger than it may be.', {
      hint: 'This port speaks the PostgreSQL protocol; a start-up packet has at most 10,000 bytes.',
    })
  }
  return length
}

/**
 * Reads a whole StartupMessage, length and version included. Throws PROTOCOL_VIOLATION for what is
 * malformed, PROTOCOL_UNSUPPORTED for other protocol versions, replication and settings that are
 * not served, SQL_ENCODING for a client encoding other than UTF-8.
 */
export function readStartup(packet: Buffer): Startup {
  const version = packet.readUInt32BE(4)
  if (version >>> 16 !== 3) {
    throw new ChaperoneError('PROTOCOL_UNSUPPORTED', 'Only protocol version 3 is served.')
  }
  const pairs = readPairs(packet)
  const extensions = [...pairs.keys()].filter((name) => name.startsWith('_pq_.'))
  const user = pairs.get('user')
  if (user === undefined || user === '') {
    throw new ChaperoneError('PROTOCOL_VIOLATION', 'The start-up packet names no user.')
  }
  const database = pairs.get('database')
  const { resource, parameters } = sortSettings(pairs)
  return {
    user,
    parameters,
    ...(database === undefined || database === '' ? {} : { database }),
    ...(resource === undefined ? {} : { resource }),
    ...(version === PROTOCOL_3_0 && extensions.length === 0 ? {} : { negotiate: extensions }),
  }
}

function readPairs(packet: Buffer): Map<string, string> {
  const reader = new Reader(packet, STARTUP_HEADER_BYTES, packet.length)
  const pairs = new Map<string, string>()
  for (let name = reader.cstring(); name !== ''; name = reader.cstring()) {
    if (pairs.has(name)) {
      throw new ChaperoneError('PROTOCOL_VIOLATION', 'The start-up packet has a parameter twice.')
    }
    pairs.set(name, reader.cstring())
  }
  reader.finish()
  return pairs
}

/** As the server does it: `options` first, then the settings that stand by themselves. */
function sortSettings(pairs: ReadonlyMap<string, string>): {
  resource: string | undefined
  parameters: Record<string, string>
} {
  if (pairs.has('replication')) {
    throw new ChaperoneError('PROTOCOL_UNSUPPORTED', 'Replication connections are not served.')
  }
  const settings = new Map<string, string>()
  for (const [name, value] of parseOptions(pairs.get('options') ?? '')) {
    settings.set(name.toLowerCase(), value)
  }
  for (const [name, value] of pairs) {
    if (!isOwnParameter(name)) settings.set(name.toLowerCase(), value)
  }
  const resource = settings.get(RESOURCE_SETTING)
  settings.delete(RESOURCE_SETTING)
  return { resource, parameters: Object.fromEntries([...settings].map(checkSetting)) }
}

function isOwnParameter(name: string): boolean {
  return name === 'user' || name === 'database' || name === 'options' || name.startsWith('_pq_.')
}

function checkSetting([name, value]: Setting): Setting {
  if (!SAFE_SETTINGS.has(name)) {
    throw new ChaperoneError('PROTOCOL_UNSUPPORTED', 'A start-up setting is not served.', {
      hint: `Leave out "${printable(name)}", or SET it once connected, where a policy allows that.`,
    })
  }
  if (name === 'client_encoding') return [name, checkEncoding(value)]
  if (name === 'standard_conforming_strings' && !ON.has(value.toLowerCase())) {
    throw new ChaperoneError('SQL_ENCODING', 'standard_conforming_strings must stay on.')
  }
  return [name, value]
}

const ON: ReadonlySet<string> = new Set(['on', 'true', 'yes', '1', 't', 'y'])

/**
 * SQL_ASCII (what psql asks for in the C locale) is bytes as they are; since all text must be valid
 * UTF-8 here, UTF8 gives the same bytes. Names compare as the server does: letters and digits only.
 */
const ENCODINGS: ReadonlySet<string> = new Set(['utf8', 'unicode', 'sqlascii'])

function checkEncoding(value: string): string {
  if (ENCODINGS.has(value.toLowerCase().replace(/[^a-z0-9]/g, ''))) return 'UTF8'
  throw new ChaperoneError('SQL_ENCODING', 'The client encoding must be UTF8.', {
    hint: 'Set client_encoding (PGCLIENTENCODING) to UTF8.',
  })
}

const NAME_SHOWN_MAX = 64

function printable(name: string): string {
  return name.replace(/[^\x21-\x7e]/g, '?').slice(0, NAME_SHOWN_MAX)
}
