import type { WireRequest } from '../codec/wire-request.ts'
import { unsupported } from '../failure.ts'
import type { RequestHead } from '../head.ts'
import { parseTarget } from '../target/path.ts'
import type { Route } from '../target/routing.ts'

/**
 * The head that an API judges. Throws PROTOCOL_VIOLATION for paths that can be read in two ways, and
 * PROTOCOL_UNSUPPORTED for a header that asks for another request.
 */
export function requestHead(wire: WireRequest, { endpoint, target, prefix }: Route): RequestHead {
  const { method, authority, headers } = wire
  const { framing, upgrade, refused } = headers
  if (refused !== undefined) {
    throw unsupported(
      `The header ${refused} is not taken.`,
      'Send the method and path that are meant, and leave the header out.',
    )
  }
  return {
    method,
    ...parseTarget(target, endpoint.api.path),
    headers: headers.forward,
    authority,
    prefix,
    bodyLength: bodyLengthOf(framing),
    ...(upgrade === undefined ? {} : { upgrade }),
  }
}

function bodyLengthOf(framing: WireRequest['headers']['framing']): number | 'unknown' {
  if (framing.type === 'length') return framing.length
  return framing.type === 'none' ? 0 : 'unknown'
}
