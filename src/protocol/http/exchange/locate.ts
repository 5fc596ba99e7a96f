import type { ChaperoneError } from '../../../core/errors.ts'
import { asChaperoneError } from '../../../core/errors.ts'
import type { Asker, Reading } from '../api.ts'
import type { WireRequest } from '../codec/wire-request.ts'
import type { RequestHead } from '../head.ts'
import type { HttpEndpoint } from '../target/endpoint.ts'
import type { Route } from '../target/routing.ts'
import { requestHead } from './request-head.ts'

export type LocatedHead =
  | { readonly head: RequestHead; readonly fault?: never }
  | { readonly head?: never; readonly fault: ChaperoneError }

/** What is wrong with a path is told once it is known who asks, so that it is recorded. */
export function locatedHead(wire: WireRequest, route: Route): LocatedHead {
  try {
    return { head: requestHead(wire, route) }
  } catch (error) {
    return { fault: asChaperoneError(error, 'INTERNAL', 'The path cannot be read.') }
  }
}

/** Reading is total: an API that fails refuses. */
export function readingOf(
  { api }: HttpEndpoint,
  head: RequestHead,
  body: Buffer | undefined,
  asker: Asker,
): Reading<unknown> {
  try {
    const reading = api.read(head, body, asker) as Reading<unknown>
    if (reading.type !== 'body' || body === undefined) return reading
    return { type: 'refused', denial: UNREADABLE }
  } catch {
    return { type: 'refused', denial: UNREADABLE }
  }
}

const UNREADABLE = {
  code: 'INTERNAL',
  message: 'The request could not be read.',
  hint: "Tell the gateway's operator what was asked.",
} as const
