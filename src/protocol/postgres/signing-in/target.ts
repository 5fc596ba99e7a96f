import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { ChaperoneError } from '../../../core/errors.ts'
import type { TargetAddress } from '../../../upstream/dial.ts'
import { TARGET_TIMEOUT_MS } from '../../../upstream/limits.ts'
import type { TargetTls } from '../../../upstream/tls-modes.ts'
import { BACKEND } from '../messages/frame.ts'
import { bind, close, execute, parse, SYNC } from '../messages/message.ts'
import { startupMessage } from './handshake-messages.ts'
import { authenticate } from './target-authentication.ts'
import type { TargetLine } from './target-line.ts'
import { openTargetLine } from './target-line.ts'
import type { TargetMessage } from './target-messages.ts'
import { brokenTarget, readerOf, targetMessages } from './target-messages.ts'

export interface TargetOptions {
  readonly address: TargetAddress
  readonly tls: TargetTls
  readonly database: string
  readonly user: string
  readonly credential: string
  /** Tags the session in the target's own log. */
  readonly applicationName: string
  /** The client's settings, as greeting.ts let them through. */
  readonly parameters: Readonly<Record<string, string>>
  /** The role that the session takes on, placeholders already filled in. */
  readonly role?: string
  readonly md5?: boolean
  readonly timeout_ms?: number
}

/** A target that is ready for queries. The socket is paused: listen to it, then `resume` it. */
export interface TargetConnection {
  readonly socket: Socket | TLSSocket
  /** The last ParameterStatus of each name. */
  readonly parameters: ReadonlyMap<string, string>
  /** As the session starts with it: the client's, the role's, the database's or the server's. */
  readonly searchPath: string
  /** For cancel requests. */
  readonly pid: number
  readonly secret: number
  /** Bytes that came after ReadyForQuery. */
  readonly remainder: Buffer
}

/**
 * Plays the client up to the first ReadyForQuery (PostgreSQL documentation, "Start-up").
 *
 * The role is given in the start-up packet and not by SET ROLE, so that RESET ROLE and DISCARD ALL
 * come back to it and not to the gateway's own role; then it is read back.
 *
 * Rejects with a ChaperoneError without secrets: TARGET_UNREACHABLE, TARGET_TLS, TARGET_AUTH,
 * TARGET_PROTOCOL, TARGET_LOST, RESOURCE_UNKNOWN for a database that is not there, SQL_ENCODING for a
 * database in another encoding, CONFIG_UNREADABLE for the authority file.
 */
export async function connectTarget(options: TargetOptions): Promise<TargetConnection> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(tooSlow()), options.timeout_ms ?? TARGET_TIMEOUT_MS)
  let line: TargetLine | undefined
  try {
    line = await openTargetLine(options.address, options.tls, deadline.signal)
    return await signIn(line, options)
  } catch (error) {
    line?.intake.release()
    line?.socket.destroy()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function tooSlow(): ChaperoneError {
  return new ChaperoneError('TARGET_UNREACHABLE', 'The target did not answer in time.', {
    hint: "Check the resource's address, and that the network lets the gateway reach it.",
  })
}

async function signIn(line: TargetLine, options: TargetOptions): Promise<TargetConnection> {
  const next = targetMessages(line.intake)
  line.socket.write(startupMessage(startupParameters(options)))
  await authenticate(line, next, {
    user: options.user,
    credential: options.credential,
    md5: options.md5 ?? false,
    plaintextChosen: options.tls.mode === 'disable',
  })
  const { parameters, pid, secret } = await awaitReady(next)
  checkReading(parameters)
  if (options.role !== undefined) await checkRole(line, next, options.role)
  // Reported from PostgreSQL 18 on.
  const searchPath = parameters.get('search_path') ?? (await shown(line, next, 'search_path'))
  const remainder = line.intake.release()
  return { socket: line.socket, parameters, searchPath, pid, secret, remainder }
}

function startupParameters(options: TargetOptions): Record<string, string> {
  return {
    ...options.parameters,
    ...(options.role === undefined ? {} : { role: options.role }),
    user: options.user,
    database: options.database,
    application_name: options.applicationName,
    client_encoding: 'UTF8',
    standard_conforming_strings: 'on',
  }
}

async function awaitReady(next: () => Promise<TargetMessage>) {
  const parameters = new Map<string, string>()
  let key: { pid: number; secret: number } | undefined
  for (;;) {
    const message = await next()
    const body = readerOf(message)
    switch (message.type) {
      case BACKEND.ParameterStatus:
        parameters.set(body.cstring(), body.cstring())
        break
      case BACKEND.BackendKeyData:
        key = { pid: body.int32(), secret: body.int32() }
        break
      case BACKEND.ReadyForQuery:
        if (body.byte() !== IDLE) throw brokenTarget('began inside a transaction')
        body.finish()
        return { parameters, ...(key ?? NO_KEY) }
      default:
        throw brokenTarget('sent something out of order')
    }
    body.finish()
  }
}

const IDLE = 0x49

/** Some poolers send none; a cancel request then reaches nobody. */
const NO_KEY = { pid: 0, secret: 0 }

const READING: readonly (readonly [string, string])[] = [
  ['server_encoding', 'UTF8'],
  ['client_encoding', 'UTF8'],
  ['standard_conforming_strings', 'on'],
]

/** Text must mean the same to the gateway as to the target. */
function checkReading(parameters: ReadonlyMap<string, string>): void {
  for (const [name, wanted] of READING) {
    if (parameters.get(name) === wanted) continue
    throw new ChaperoneError('SQL_ENCODING', `The target reports another ${name} than ${wanted}.`, {
      hint: 'Only databases in UTF8 can be governed.',
    })
  }
}

async function checkRole(
  line: TargetLine,
  next: () => Promise<TargetMessage>,
  role: string,
): Promise<void> {
  if ((await shown(line, next, 'role')) === role) return
  throw new ChaperoneError('TARGET_AUTH', 'The target did not take on the role of the session.', {
    hint: 'Something between (a pooler) drops start-up settings; connect to the server itself.',
  })
}

/** Asks under a name of the gateway's own, by which the target's log tells it from what agents ask. */
async function shown(
  line: TargetLine,
  next: () => Promise<TargetMessage>,
  setting: 'role' | 'search_path',
): Promise<string> {
  const name = `chaperone ${setting}`
  const question = [parse(name, `SHOW ${setting}`), bind(name, name, []), execute(name)]
  line.socket.write(Buffer.concat([...question, close('statement', name), SYNC]))
  let value: string | undefined
  for (;;) {
    const message = await next()
    if (message.type === BACKEND.DataRow) value = readOnlyValue(message)
    if (message.type === BACKEND.ReadyForQuery) break
  }
  if (value === undefined) throw brokenTarget(`does not tell its ${setting}`)
  return value
}

function readOnlyValue(message: TargetMessage): string {
  const body = readerOf(message)
  if (body.uint16() !== 1) throw brokenTarget('answered wrongly')
  const value = body.bytes(body.int32()).toString('utf8')
  body.finish()
  return value
}
