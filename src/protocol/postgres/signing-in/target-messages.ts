import { ChaperoneError } from '../../../core/errors.ts'
import { BACKEND, HEADER_BYTES } from '../messages/frame.ts'
import { messageField, readMessageFields } from '../messages/message.ts'
import { Reader } from '../messages/reader.ts'
import { TARGET_MESSAGE_BYTES_MAX, TARGET_MESSAGES_MAX } from './handshake-limits.ts'
import type { Intake } from './intake.ts'

export interface TargetMessage {
  readonly type: number
  readonly body: Buffer
}

/**
 * Returns a function that reads the target's next message of the handshake. Notices are dropped, an
 * ErrorResponse becomes the error that it means. Throws TARGET_PROTOCOL, TARGET_LOST, TARGET_AUTH,
 * TARGET_UNREACHABLE, RESOURCE_UNKNOWN.
 */
export function targetMessages(intake: Intake): () => Promise<TargetMessage> {
  let left = TARGET_MESSAGES_MAX
  return async () => {
    for (;;) {
      left -= 1
      if (left < 0) throw brokenTarget('sent too many messages')
      const message = await readTargetMessage(intake)
      if (message.type === BACKEND.ErrorResponse) throw refusedBy(message.body)
      if (message.type !== BACKEND.NoticeResponse) return message
    }
  }
}

async function readTargetMessage(intake: Intake): Promise<TargetMessage> {
  const header = await intake.peek(HEADER_BYTES)
  const length = header.readUInt32BE(1)
  if (length < 4 || length >= TARGET_MESSAGE_BYTES_MAX) {
    throw brokenTarget('sent a message of an impossible length')
  }
  const whole = await intake.take(length + 1)
  return { type: whole[0]!, body: whole.subarray(HEADER_BYTES) }
}

export function readerOf(message: TargetMessage): Reader {
  return new Reader(message.body, 0, message.body.length, 'TARGET_PROTOCOL')
}

export function brokenTarget(what: string): ChaperoneError {
  return new ChaperoneError('TARGET_PROTOCOL', `The target ${what} during sign-in.`)
}

/**
 * The target's own words stay out of the message: before it has proven itself, anything may be
 * writing them (as in CVE-2024-10977). Its SQLSTATE says enough.
 */
function refusedBy(body: Buffer): ChaperoneError {
  const state = messageField(readMessageFields(body, 0, body.length), 'C') ?? ''
  const sqlstate = /^[0-9A-Z]{5}$/.test(state) ? state : 'no SQLSTATE'
  if (sqlstate === '3D000') {
    return new ChaperoneError('RESOURCE_UNKNOWN', 'The target has no database of this name.', {
      hint: 'Name a database that exists on the resource.',
    })
  }
  if (/^(?:53|57P0)/.test(sqlstate)) {
    return new ChaperoneError('TARGET_UNREACHABLE', `The target takes no sessions (${sqlstate}).`, {
      hint: 'It is starting, stopping or full; try again later.',
    })
  }
  return new ChaperoneError('TARGET_AUTH', `The target refused the gateway (${sqlstate}).`, {
    hint: "Check the resource's credential and role, the start-up settings, and pg_hba.conf; the target's log says more.",
  })
}
