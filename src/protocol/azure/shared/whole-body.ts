import type { Reading } from '../../http/api.ts'
import type { RequestHead } from '../../http/head.ts'
import type { Json } from '../json.ts'
import { readJson } from '../json.ts'
import { BODY_BYTES_MAX } from '../limits.ts'
import { denial, unsupported } from '../refusals.ts'
import { Unreadable } from '../unreadable.ts'
import { saysJson } from './request-head.ts'

/** Asks for the body, reads it as strict JSON, and goes on with that. */
export function readWhole<N>(
  head: RequestHead,
  body: Buffer | undefined,
  next: (value: Json, bytes: Buffer) => Reading<N>,
): Reading<N> {
  if (!saysJson(head)) {
    return refused(
      unsupported('has a body that is not JSON', 'Send Content-Type: application/json.'),
    )
  }
  if (typeof head.bodyLength === 'number' && head.bodyLength > BODY_BYTES_MAX) {
    return refused(denial('MESSAGE_TOO_LARGE', 'The body is too large.', 'Send less.'))
  }
  if (body === undefined) return { type: 'body', bytesMax: BODY_BYTES_MAX }
  // Clients send an empty body with a length that is not told, too.
  const read = body.length === 0 ? { value: {} } : readJson(body)
  if (typeof read === 'string') return refused(unsupported(`cannot be read: ${read}`))
  try {
    return next(read.value, body)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return refused(
      unsupported(
        `cannot be judged: ${error.message}`,
        'Deploy one template with everything inline; docs/azure.md says what is taken apart.',
      ),
    )
  }
}

function refused<N>(because: ReturnType<typeof denial>): Reading<N> {
  return { type: 'refused', denial: because }
}
