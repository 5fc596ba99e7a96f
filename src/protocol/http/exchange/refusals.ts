import type { Denial } from '../../../core/denial.ts'
import { ChaperoneError } from '../../../core/errors.ts'
import type { Refused } from '../../../session/operations.ts'
import { unread } from '../../../session/operations.ts'
import type { LocalAnswer } from '../api.ts'
import { plainRefusal } from '../codec/local-answer.ts'
import type { WireRequest } from '../codec/wire-request.ts'
import type { RequestHead } from '../head.ts'
import type { HttpEndpoint } from '../target/endpoint.ts'
import type { Route } from '../target/routing.ts'
import type { RefusedAttempt } from './host.ts'
import type { Caller } from './sessions.ts'

/** A refusal in the words of the API, where one is known. */
export function refusalAnswer(
  refusal: Denial | ChaperoneError,
  endpoint: HttpEndpoint | undefined,
  head: RequestHead | undefined,
): LocalAnswer {
  if (endpoint === undefined) return plainRefusal(refusal)
  try {
    return head === undefined ? endpoint.api.refuse(refusal) : endpoint.api.refuse(refusal, head)
  } catch {
    return plainRefusal(refusal)
  }
}

export function asDenial(refusal: Denial | ChaperoneError): Denial {
  if (!(refusal instanceof ChaperoneError)) return refusal
  const { code, message, hint } = refusal
  return { code, message, hint: hint ?? 'Change the request, or ask the operator.' }
}

export function stopping(): ChaperoneError {
  return new ChaperoneError('SHUTTING_DOWN', 'The gateway is stopping.', {
    hint: 'Try again in a while.',
  })
}

/** What is recorded of a request that is refused before it is an operation. */
export function unreadRequest(
  refusal: Denial | ChaperoneError,
  { method, target }: WireRequest,
  head: RequestHead | undefined,
): Refused {
  const denial = asDenial(refusal)
  return { operation: unread(denial), text: `${method} ${head?.path ?? target}`, denial }
}

/** What is known of a request that was not let in. */
export function attemptOf(
  { clientAddress, agent }: Caller,
  route: Route | undefined,
): RefusedAttempt {
  const resource = route?.endpoint.resource.name
  return {
    clientAddress,
    ...(resource === undefined ? {} : { resource }),
    ...(agent === undefined ? {} : { agent }),
  }
}
