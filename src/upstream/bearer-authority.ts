import type { SteadyClock } from '../core/clock.ts'
import { ChaperoneError } from '../core/errors.ts'
import type { CredentialSource } from './credential-source.ts'
import { keptFresh } from './kept-fresh.ts'

type Headers = readonly (readonly [name: string, value: string])[]

/** Makes the target accept a request; the same shape as the proxy core asks for. */
export interface BearerAuthority {
  headers(): Headers | Promise<Headers>
}

/**
 * The gateway's own token as `Authorization: Bearer`. The source is asked again every few seconds,
 * so a rotated file counts soon; between that the answer is there at once.
 */
export function bearerAuthority(source: CredentialSource, clock: SteadyClock): BearerAuthority {
  return {
    headers: keptFresh<Headers>(async () => {
      const token = await source.fetch()
      if (!TOKEN.test(token)) {
        throw new ChaperoneError(
          'TARGET_CREDENTIAL',
          'The credential for the target is no token.',
          {
            hint: "Set the resource's credential to a bearer token.",
          },
        )
      }
      return [['authorization', `Bearer ${token}`]]
    }, clock),
  }
}

/** RFC 6750 section 2.1: nothing in it can end the header. */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/
