import type { Operation } from '../../../core/operation.ts'
import { createValueMasker } from '../masking/mask-value.ts'
import { HEADER_BYTES } from '../messages/frame.ts'
import { notificationResponse, readNotification } from '../messages/message.ts'
import type { Conversation } from './conversation.ts'
import type { Passage } from './passage.ts'

/** Channels that are remembered; a session seldom listens to more. */
const CHANNELS_KEPT = 256

/** `pg_type.oid` of text. */
const TEXT = 25

/**
 * A NotificationResponse comes unasked, with whatever another session or code in the database has put
 * in. It is judged by what lets the agent listen to the channel now: where no rule does, it is thrown
 * away; else the masks of those rules hold for its payload, as for a value of unknown origin.
 */
export function createNotifications(
  c: Conversation,
): (buffer: Buffer, start: number, end: number) => Passage {
  const listens = new Map<string, Operation>()

  function listen(channel: string): Operation {
    const known = listens.get(channel)
    if (known !== undefined) return known
    const operation = notified(c.parts.database, channel)
    if (listens.size >= CHANNELS_KEPT) listens.clear()
    listens.set(channel, operation)
    return operation
  }

  return (buffer, start, end) => {
    const { pid, channel, payload } = readNotification(buffer, start + HEADER_BYTES, end)
    const { verdict, plans } = c.session.judge(listen(channel), '')
    if (verdict.effect === 'deny') return 'drop'
    const plan = plans[0]?.unplanned ?? 'pass'
    const masker = createValueMasker(plan, { typeOid: TEXT, format: 'text' }, c.parts.keys)
    if (masker === undefined || payload.length === 0) return 'pass'
    const masked = masker.mask(payload, 0, payload.length)
    return masked === undefined ? 'pass' : notificationResponse(pid, channel, masked ?? EMPTY)
  }
}

const EMPTY = Buffer.alloc(0)

function notified(database: string, channel: string): Operation {
  return {
    kind: 'NOTIFICATION',
    fingerprint: '',
    accesses: [{ action: 'sql.listen', object: [database, 'channel', channel], grant: 'required' }],
    predicates: [],
    results: ['unknown'],
    facts: { statements: 1, readOnly: true, hasWhere: true },
  }
}
