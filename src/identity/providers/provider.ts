import type { SteadyClock } from '../../core/clock.ts'
import type { Code } from '../../core/codes.ts'
import type { Provider } from '../tokens/identity.ts'
import type { ParsedToken } from '../tokens/token.ts'
import { tokenError } from '../tokens/token.ts'
import type { EntraOptions } from './entra.ts'
import { createEntraProvider } from './entra.ts'
import type { OidcOptions } from './oidc.ts'
import { createOidcProvider } from './oidc.ts'

export type ProviderOptions =
  ({ readonly type: 'entra' } & EntraOptions) | ({ readonly type: 'oidc' } & OidcOptions)

/** Throws CONFIG_INVALID where an option cannot be meant. */
export function createProvider(options: ProviderOptions, clock: SteadyClock): Provider {
  return options.type === 'entra'
    ? createEntraProvider(options, clock)
    : createOidcProvider(options, clock)
}

/**
 * The provider that a token says it is from. Saying so proves nothing: the provider verifies it
 * with its own keys. Throws TOKEN_ISSUER or TOKEN_CLAIM_MISSING.
 */
export function providerOf(token: ParsedToken, providers: readonly Provider[]): Provider {
  const issuer = token.claims['iss']
  const code: Code = issuer === undefined ? 'TOKEN_CLAIM_MISSING' : 'TOKEN_ISSUER'
  const provider =
    typeof issuer === 'string' ? providers.find((one) => one.issuers.includes(issuer)) : undefined
  if (provider === undefined) throw tokenError(code, 'The issuer of the token is not trusted.')
  return provider
}
