import type { SteadyClock } from '../core/clock.ts'
import { ChaperoneError } from '../core/errors.ts'
import { createJsonClient } from '../identity/tokens/json-client.ts'
import type { Token } from '../upstream/managed-identity.ts'
import { managedIdentityProvider } from '../upstream/managed-identity.ts'
import { cacheTokens } from '../upstream/token-cache.ts'

interface GraphPlace {
  readonly tenant: string
  readonly authority: string
  readonly graph: string
  readonly ca?: string
}

type GraphCredential =
  | { readonly from: 'managed-identity'; readonly clientId: string | undefined }
  | { readonly from: 'secret'; readonly clientId: string; readonly secret: () => string }

/** The app token that asks Graph for groups: client credentials (RFC 6749 section 4.4). */
export function openGraphToken(
  place: GraphPlace,
  credential: GraphCredential,
  clock: SteadyClock,
): () => Promise<string> {
  const scope = `${place.graph}/.default`
  const provider =
    credential.from === 'managed-identity'
      ? managedIdentityProvider({
          scope,
          ...(credential.clientId === undefined ? {} : { clientId: credential.clientId }),
        })
      : () => clientCredentials(place, credential, scope, clock)
  const source = cacheTokens(provider, clock)
  return () => source.fetch()
}

async function clientCredentials(
  place: GraphPlace,
  credential: Extract<GraphCredential, { from: 'secret' }>,
  scope: string,
  clock: SteadyClock,
): Promise<Token> {
  const ask = createJsonClient(place.ca === undefined ? {} : { ca: place.ca })
  const { status, body } = await ask(`${place.authority}/${place.tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: credential.clientId,
      client_secret: credential.secret(),
      scope,
    }).toString(),
  })
  const answer = body as { access_token?: unknown; expires_in?: unknown }
  if (status !== 200 || typeof answer.access_token !== 'string') {
    throw new ChaperoneError('TOKEN_GROUPS_UNAVAILABLE', 'The gateway got no token for Graph.', {
      hint: "Check the provider's graphCredential and its permission to read group members.",
    })
  }
  const lifetime_ms = Number(answer.expires_in ?? 300) * 1000
  return { secret: answer.access_token, expiresAt_ms: clock.now_ms() + lifetime_ms }
}
